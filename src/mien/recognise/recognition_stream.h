// SPDX-License-Identifier: Apache-2.0
// Decoded pictures in, recognitions out, in the same order; several pictures at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "mien/recognise/inputs.h"
#include "mien/recognise/recognizer.h"

namespace mien::recognise {

/// The number of pictures that are best recognized at a time: one per thread, as long as each recognizer gets enough
/// pictures to make up for loading its networks.
int pictures_at_a_time(int num_threads, std::size_t num_pictures);

struct RecognizedPicture {
  Decoded picture;
  Recognition recognition;  ///< empty where the picture has an error
};

/// Pictures are recognized by several threads, each with a recognizer and networks of its own: parallel runs of one
/// compiled network reach only 1.5 times the speed on two cores (docs/performance.md).
class RecognitionStream {
 public:
  /// Both must outlive the stream. The other recognizers are made with the options of `first`. One picture at a time is
  /// recognized by the calling thread.
  RecognitionStream(Recognizer& first, PictureStream& pictures, int at_a_time);
  ~RecognitionStream();
  RecognitionStream(const RecognitionStream&) = delete;
  RecognitionStream& operator=(const RecognitionStream&) = delete;

  /// The next picture, or nothing after the last. Throws as PictureStream::next and Recognizer::recognize.
  std::optional<RecognizedPicture> next();

 private:
  using Task = std::packaged_task<RecognizedPicture(Recognizer&)>;
  void fill();
  void work(Recognizer& recognizer);
  void work_with_another();

  Recognizer& first_;
  PictureStream& pictures_;
  std::size_t ahead_;                 ///< pictures that wait or are being worked on; 0: none
  std::vector<std::thread> threads_;  ///< the first one uses `first_`; none for one picture at a time
  std::deque<std::future<RecognizedPicture>> coming_;
  std::mutex mutex_;  ///< of what follows
  std::condition_variable has_news_;
  std::deque<Task> waiting_;
  bool is_over_ = false;
};

}  // namespace mien::recognise
