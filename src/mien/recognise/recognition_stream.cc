// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/recognition_stream.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace mien::recognise {
namespace {

constexpr int kMostRecognizers = 8;                ///< each takes a hundred megabytes or two
constexpr std::size_t kPicturesPerRecognizer = 4;  ///< loading one takes about as long as ten pictures

RecognizedPicture recognize(Recognizer& recognizer, Decoded picture) {
  RecognizedPicture done{std::move(picture), {}};
  if (!done.picture.error) done.recognition = recognizer.recognize(done.picture.image);
  return done;
}

}  // namespace

int pictures_at_a_time(int num_threads, std::size_t num_pictures) {
  const auto most = static_cast<std::size_t>(std::clamp(num_threads, 1, kMostRecognizers));
  return static_cast<int>(std::clamp<std::size_t>(num_pictures / kPicturesPerRecognizer, 1, most));
}

RecognitionStream::RecognitionStream(Recognizer& first, PictureStream& pictures, int at_a_time)
    : first_(first), pictures_(pictures), ahead_(0) {
  if (at_a_time < 2) return;
  ahead_ = static_cast<std::size_t>(at_a_time) + 2;
  threads_.emplace_back([this] { work(first_); });
  for (int i = 1; i < at_a_time; ++i) threads_.emplace_back([this] { work_with_another(); });
}

RecognitionStream::~RecognitionStream() {
  {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
  }
  has_news_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<RecognizedPicture> RecognitionStream::next() {
  if (threads_.empty()) {
    auto picture = pictures_.next();
    return picture ? std::optional(recognize(first_, std::move(*picture))) : std::nullopt;
  }
  fill();
  if (coming_.empty()) return std::nullopt;
  RecognizedPicture done = coming_.front().get();
  coming_.pop_front();
  return done;
}

void RecognitionStream::fill() {
  while (coming_.size() < ahead_) {
    auto picture = pictures_.next_future();
    if (!picture) return;
    Task task(
        [coming = std::move(*picture)](Recognizer& recognizer) mutable { return recognize(recognizer, coming.get()); });
    coming_.push_back(task.get_future());
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(task));
    has_news_.notify_one();
  }
}

void RecognitionStream::work_with_another() {
  std::optional<Recognizer> recognizer;
  try {
    recognizer.emplace(first_.options());
  } catch (const std::exception&) {
    return;  // not enough memory, or the files are gone meanwhile: the first recognizer does all pictures
  }
  work(*recognizer);
}

void RecognitionStream::work(Recognizer& recognizer) {
  while (true) {
    std::unique_lock lock(mutex_);
    has_news_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
    if (is_over_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task(recognizer);
  }
}

}  // namespace mien::recognise
