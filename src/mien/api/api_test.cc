// SPDX-License-Identifier: Apache-2.0
// The library as used by other programs: these tests include only the public headers.
#include <gtest/gtest.h>
#include <malloc.h>
#include <mien/mien.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mien/mien.hpp>
#include <thread>

extern "C" int count_faces_in_c(const char* model, const char* path, char* expression, size_t size);

namespace {

constexpr const char* kModel = "models/dan-ferplus.onnx";

std::string portrait() {
  namespace fs = std::filesystem;
  const char* named = std::getenv("MIEN_HOME");
  const char* base = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  const fs::path dir = named && *named
                           ? fs::path(named)
                           : (base && *base ? fs::path(base) : fs::path(home ? home : "/") / ".local/share") / "mien";
  return (dir / "samples/astronaut.png").string();
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mien::Options options() {
  mien::Options o;
  o.model = kModel;
  return o;
}

class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(portrait())) GTEST_SKIP() << "the sample picture was not fetched (./mien setup)";
  }
};

void expect_same(const mien::Result& a, const mien::Result& b, float tolerance = 1e-6f) {
  ASSERT_EQ(a.faces.size(), b.faces.size());
  for (std::size_t i = 0; i < a.faces.size(); ++i) {
    EXPECT_EQ(a.faces[i].expression, b.faces[i].expression);
    ASSERT_EQ(a.faces[i].probabilities.size(), b.faces[i].probabilities.size());
    for (std::size_t k = 0; k < a.faces[i].probabilities.size(); ++k)
      EXPECT_NEAR(a.faces[i].probabilities[k], b.faces[i].probabilities[k], tolerance);
  }
}

/// A picture of 64 × 48 whose pixel (x, y) is red = 4x, green = 5y, blue = 100, in any format and stride.
std::vector<std::uint8_t> paint(mien::PixelFormat format, std::size_t stride) {
  std::vector<std::uint8_t> out(stride * 48, 77);
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 64; ++x) {
      const std::uint8_t r = static_cast<std::uint8_t>(4 * x), g = static_cast<std::uint8_t>(5 * y), b = 100;
      const bool reversed = format == mien::PixelFormat::bgr || format == mien::PixelFormat::bgra;
      const int channels = format == mien::PixelFormat::rgb || format == mien::PixelFormat::bgr ? 3 : 4;
      std::uint8_t* p = out.data() + static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x * channels);
      p[0] = reversed ? b : r, p[1] = g, p[2] = reversed ? r : b;
    }
  return out;
}

TEST_F(Api, OneCallNamesTheExpression) {
  const mien::Recognizer recognizer(options());
  const mien::Result result = recognizer.recognize(portrait());
  ASSERT_EQ(result.faces.size(), 1u);
  EXPECT_EQ(result.width, 512);
  const mien::Face& face = result.faces[0];
  EXPECT_EQ(face.expression, "happiness");
  EXPECT_EQ(face.probabilities.size(), recognizer.classes().size());
  float sum = 0;
  for (const float p : face.probabilities) sum += p;
  EXPECT_NEAR(sum, 1, 1e-5);
  ASSERT_TRUE(face.landmarks.has_value());
  EXPECT_LT((*face.landmarks)[0].x, (*face.landmarks)[1].x);  // left as the viewer sees it
  EXPECT_FALSE(face.unsure.has_value());
}

TEST_F(Api, PathAndBytesAgree) {
  const mien::Recognizer recognizer(options());
  const mien::Result expected = recognizer.recognize(portrait());
  const std::string file = read(portrait());
  expect_same(recognizer.recognize(mien::Picture::decode(std::as_bytes(std::span(file)))), expected);
}

TEST_F(Api, EveryFormatAndStrideIsTheSamePicture) {
  mien::Options o = options();
  o.detector = "none";
  const mien::Recognizer recognizer(o);
  using F = mien::PixelFormat;
  const auto rgb = paint(F::rgb, 64 * 3);
  const mien::Result expected = recognizer.recognize(mien::Pixels{rgb.data(), 64, 48, 0, F::rgb});
  ASSERT_EQ(expected.faces.size(), 1u);
  for (const auto& [format, stride] :
       {std::pair{F::rgb, 200u}, {F::bgr, 192u}, {F::bgr, 211u}, {F::rgba, 256u}, {F::bgra, 300u}}) {
    const auto bytes = paint(format, stride);
    expect_same(recognizer.recognize(mien::Pixels{bytes.data(), 64, 48, stride, format}), expected);
  }
  // Red and blue differ, so that a wrong declaration is noticed.
  const mien::Result wrong = recognizer.recognize(mien::Pixels{rgb.data(), 64, 48, 0, F::bgr});
  float difference = 0;
  for (std::size_t k = 0; k < wrong.faces[0].probabilities.size(); ++k)
    difference = std::max(difference, std::abs(wrong.faces[0].probabilities[k] - expected.faces[0].probabilities[k]));
  EXPECT_GT(difference, 1e-4f);
}

TEST_F(Api, PartsAgreeWithTheOneCall) {
  const mien::Picture picture = mien::Picture::load(portrait());
  mien::Detector detector;
  const auto faces = detector.detect(picture);
  ASSERT_EQ(faces.size(), 1u);
  const mien::Model model = mien::Model::load(kModel);
  mien::Session session(model);
  const std::vector<mien::Crop> crops{model.align(picture, faces[0]), model.align(picture, faces[0])};
  const auto probabilities = session.probabilities(crops);
  ASSERT_EQ(probabilities.size(), 2u);
  const auto expected = mien::Recognizer(options()).recognize(picture).faces.at(0).probabilities;
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(probabilities[1][k], expected[k], 1e-5);
  EXPECT_NE(model.card_json().find("\"classes\""), std::string::npos);
  EXPECT_TRUE(session.probabilities({}).empty());
  EXPECT_THROW(session.probabilities(std::vector<mien::Crop>{{8, 1, std::vector<std::uint8_t>(64)}}), mien::Error);
}

/// Eight threads, `calls` each, on one recognizer of the C interface: the number of results equal to one thread's.
int equal_answers(const char* detector, int calls) {
  mien_options o = mien_default_options();
  o.model = kModel;
  o.detector = detector;
  o.parallel = 2;
  mien_recognizer* recognizer = mien_recognizer_new(&o);
  EXPECT_NE(recognizer, nullptr) << mien_last_error();
  const std::string path = portrait();
  mien_result* expected = mien_recognize_file(recognizer, path.c_str());
  EXPECT_NE(expected, nullptr) << mien_last_error();
  std::vector<std::thread> threads;
  std::atomic<int> same = 0;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < calls; ++i) {
        mien_result* result = mien_recognize_file(recognizer, path.c_str());
        bool equal = result && result->num_faces == 1;
        for (std::size_t k = 0; equal && k < mien_num_classes(recognizer); ++k)
          equal = std::abs(result->faces[0].probabilities[k] - expected->faces[0].probabilities[k]) < 1e-6f;
        same += equal;
        mien_result_free(result);
      }
    });
  for (auto& thread : threads) thread.join();
  mien_result_free(expected);
  mien_recognizer_free(recognizer);
  return same;
}

TEST_F(Api, ThreadsShareOneRecognizer) {
  EXPECT_EQ(equal_answers("none", 50), 8 * 50);
  EXPECT_EQ(equal_answers(nullptr, 3), 8 * 3);
}

TEST_F(Api, TheCHeaderWorksFromC11) {
  char expression[32] = "";
  EXPECT_EQ(count_faces_in_c(kModel, portrait().c_str(), expression, sizeof expression), 1);
  EXPECT_STREQ(expression, "happiness");
}

/// Loads a model, forks as servers do with their workers, and recognises in the child: 0 if the child finds the face.
int exit_code_of_forked_child() {
  mien_options o = mien_default_options();
  o.model = kModel;
  o.threads = 1;
  mien_recognizer* recognizer = mien_recognizer_new(&o);
  if (!recognizer) return 2;
  const pid_t worker = ::fork();
  if (worker == 0) {
    ::alarm(120);
    const mien_result* result = mien_recognize_file(recognizer, portrait().c_str());
    std::_Exit(result && result->num_faces == 1 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(worker, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

// D43 of docs/reliability.md. In a separate program, since threads of earlier tests do not survive a fork.
TEST_F(Api, AForkedChildRecognises) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::_Exit(exit_code_of_forked_child()), ::testing::ExitedWithCode(0), "");
}

// D44: recognizers release their memory.
TEST_F(Api, RecognizersLeaveNoHeapBehind) {
  const auto heap_after = [](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const mien::Recognizer recognizer(options());
      EXPECT_EQ(recognizer.recognize(portrait()).faces.size(), 1u);
    }
    return ::mallinfo2().uordblks;
  };
  const std::size_t early = heap_after(4);
  EXPECT_LT(heap_after(8), early + 2'000'000);
}

// D34, D36: no library exception crosses the C boundary, wherever the program is started.
TEST_F(Api, ADeletedWorkingFolderIsNoCrash) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto child = [] {
    char folder[] = "/tmp/mien-api-XXXXXX";
    const std::string model = std::filesystem::absolute(kModel).string();
    if (!::mkdtemp(folder) || ::chdir(folder) != 0 || ::rmdir(folder) != 0) std::_Exit(2);
    mien_options o = mien_default_options();
    o.model = model.c_str();
    o.threads = 1;
    const mien_recognizer* recognizer = mien_recognizer_new(&o);
    const mien_result* result = recognizer ? mien_recognize_file(recognizer, portrait().c_str()) : nullptr;
    const bool has_sentence = result || *mien_last_error();
    const mien_result* missing = recognizer ? mien_recognize_file(recognizer, "nowhere/a.jpg") : nullptr;
    std::_Exit(has_sentence && !missing && *mien_last_error() ? 0 : 1);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(0), "");
}

TEST(ApiErrors, AreKindAndSentencePerThread) {
  mien_options o = mien_default_options();
  o.model = "no-such.onnx";
  EXPECT_EQ(mien_recognizer_new(&o), nullptr);
  EXPECT_EQ(mien_last_error_kind(), MIEN_MISSING);
  EXPECT_NE(std::string(mien_last_error()).find("no-such.onnx"), std::string::npos);
  std::thread([] { EXPECT_EQ(mien_last_error_kind(), MIEN_OK); }).join();

  o.model = kModel;
  o.detector = "none";
  mien_recognizer* recognizer = mien_recognizer_new(&o);
  ASSERT_NE(recognizer, nullptr) << mien_last_error();
  const std::vector<std::uint8_t> pixels(48 * 48);
  const auto with = [&](int width, std::size_t stride, int format) {
    mien_result* result =
        mien_recognize_pixels(recognizer, pixels.data(), width, 48, stride, static_cast<mien_pixel_format>(format));
    mien_result_free(result);
    return result ? MIEN_OK : mien_last_error_kind();
  };
  EXPECT_EQ(with(48, 0, MIEN_GREY), MIEN_OK);
  EXPECT_EQ(with(48, 0, 0), MIEN_USAGE);  // no order declared
  EXPECT_EQ(with(48, 47, MIEN_GREY), MIEN_USAGE);
  EXPECT_EQ(with(-1, 0, MIEN_GREY), MIEN_USAGE);
  EXPECT_EQ(mien_recognize_file(recognizer, nullptr), nullptr);
  EXPECT_EQ(mien_last_error_kind(), MIEN_USAGE);
  EXPECT_EQ(mien_recognize_encoded(recognizer, "junk", 4), nullptr);
  EXPECT_EQ(mien_last_error_kind(), MIEN_BAD_INPUT);
  EXPECT_EQ(mien_class_name(recognizer, 99), nullptr);
  mien_recognizer_free(recognizer);
  mien_recognizer_free(nullptr);
  mien_result_free(nullptr);
}

}  // namespace
