// SPDX-License-Identifier: Apache-2.0
// A picture in, its faces with their expressions out: find, align, crop, one batch through the network.
#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/progress.h"
#include "mien/detect/face_finder.h"
#include "mien/face/prediction.h"
#include "mien/image/crop.h"
#include "mien/image/image.h"
#include "mien/recognise/box_evidence.h"
#include "mien/recognise/occlusion.h"
#include "mien/recognise/score_cam.h"
#include "mien/runtime/box_session.h"
#include "mien/runtime/expression_model.h"

namespace mien::recognise {

/// How faces are cut. The card's rule is what the network was trained on; the others are there to measure what they
/// cost.
struct CropChoice {
  enum class Kind { card, eyes, box } kind = Kind::card;  ///< all landmarks; eyes alone; the detector's box, not turned
  double scale = 1;  ///< of the cut square: 1.1 shows ten percent more around the face
};
/// "card", "eyes", "box", each with an optional ":scale". Throws usage.
CropChoice crop_choice(std::string_view text);

struct RecognizerOptions {
  std::filesystem::path model;
  bool use_detector = true;          ///< false: each picture is a face crop; a model that finds boxes needs none
  detect::FaceFinderOptions finder;  ///< its threads and precision go for the expression network too
  bool flip = false;                 ///< mean over the crop and its mirror image
  double min_face_px = 0;            ///< faces whose box has a shorter side are left out
  double min_score = 0;              ///< faces with a lower detection score are left out; 0: the detector's own limit
  CropChoice crop;
  double abstain_risk = 0;  ///< 0..1: faces below the confidence that holds it are unsure; 0: every face is answered
  bool explain = false;     ///< keep the evidence of each face; 145 more passes over the network for its occlusion map,
                            ///< and up to 512 for the receptive fields of a picture's boxes
  std::size_t score_channels = kScoreChannels;  ///< with explain: channels for Score-CAM; 0: all
  ProgressSink progress = nullptr;              ///< with explain: what a Score-CAM of more than two seconds reports
  bool invert = false;  ///< keep of each face its crop, the network's pictures of it and their codes
};

/// What a prediction was made from.
struct Evidence {
  image::Crop crop;                       ///< as the network sees it, before the enlargement
  image::Image view;                      ///< the same square of the picture in colour, kViewSide pixels
  std::vector<runtime::OutputMaps> maps;  ///< outputs of the model; empty if the file has none
  std::vector<runtime::OutputMaps> pictures,
      codes;                               ///< what a generative model produces for the face; empty for others
  std::vector<face::FaceValues> features;  ///< feature vectors; part-based: the landmarks that each part predicts
  OcclusionMap occlusion;
  std::optional<ScoreMap> score;        ///< of models with the output kActivationMaps
  std::optional<BoxEvidence> box = {};  ///< of a model that detects faces itself; `crop` is then the box's window
};
inline constexpr int kViewSide = 256;

struct StageTimes {
  double decode = 0, detect = 0, landmarks = 0, crop = 0, network = 0, post = 0;  ///< ms
  double explain = 0;  ///< ms; 0 without RecognizerOptions::explain
  StageTimes& operator+=(const StageTimes& other);
};

struct RecognizedFace {
  face::Detection detection;
  std::vector<float> probabilities;  ///< in the card's class order
  std::size_t best = 0;              ///< class with the largest probability
  std::vector<std::string> notes;    ///< "small: ...", "blurred", "cut off: ...": reasons for doubt
  std::optional<bool> unsure;        ///< with RecognizerOptions::abstain_risk; `best` is then a guess
  std::vector<face::FaceValues> values =
      {};  ///< further values of the model: clarity, weights of parts; empty if there are none
  std::optional<Evidence> evidence = {};  ///< with RecognizerOptions::explain
};

/// Faces that were found and that an option removed.
struct LeftOut {
  int min_face = 0, min_score = 0;
  int total() const { return min_face + min_score; }
};

struct Recognition {
  int width = 0, height = 0;
  std::vector<RecognizedFace> faces;  ///< best detection first
  LeftOut left_out;
  std::vector<std::string>
      notes;         ///< on the picture: what was left out, what was not looked for where no face was found
  StageTimes times;  ///< decode stays 0
  std::optional<PictureEvidence> evidence = {};  ///< with RecognizerOptions::explain, of a model that detects faces
};

/// One thread's recognizer.
class Recognizer {
 public:
  /// Loads and compiles all networks side by side; no detector where the model itself finds boxes. Throws as
  /// ExpressionModel::load, FaceFinderModels::load, ExpressionSession::values and face::threshold_for; usage where
  /// options that concern face crops (flip, abstain_risk, crop) are set for a model that finds boxes.
  explicit Recognizer(const RecognizerOptions& options);
  /// Another one for another thread: it shares the networks and has its own buffers.
  Recognizer(const Recognizer& other);
  Recognition recognize(const image::Image& image);
  const face::ModelCard& card() const { return model_.card(); }
  const runtime::ExpressionModel& model() const { return model_; }
  const RecognizerOptions& options() const { return options_; }
  std::vector<std::string> instruction_sets() const { return runtime::kernel_instruction_sets(model_.network()); }
  const std::optional<face::RiskThreshold>& abstain() const { return abstain_; }
  /// "model" where it finds the boxes itself, "none" for crops.
  std::string detector_name() const;

 private:
  void load_networks(std::future<detect::FaceFinderModels> finder);
  Recognition recognize_whole(const image::Image& image);
  void explain_whole(const image::Image& image, const image::WholePicture& whole,
                     const std::vector<face::ScoredBox>& found, Recognition& recognition);
  void explain(const image::Image& image, Recognition& recognition);
  std::optional<ScoreMap> score_of(const Evidence& evidence, std::size_t target);

  RecognizerOptions options_;
  runtime::ExpressionModel model_;
  std::optional<face::RiskThreshold> abstain_;
  std::optional<runtime::ExpressionSession> session_;  ///< of a model that judges faces
  std::optional<runtime::BoxSession> boxes_;           ///< of one that finds boxes
  std::optional<detect::FaceFinderModels> finder_models_;
  std::unique_ptr<detect::FaceFinder> finder_;
};

}  // namespace mien::recognise
