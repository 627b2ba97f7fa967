// SPDX-License-Identifier: Apache-2.0
// Exports small networks, and every method of the registry with each variant that changes its graph, to DIR, with
// inputs and LibTorch's outputs for batches of 1, 3 and 8 as raw float32, and DIR/manifest.json that lists them.
// check_exports.py compares other runtimes with it.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <set>

#include "methods/cases.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/face/expression.h"
#include "mien/method/method.h"
#include "mien/methods/registry.h"
#include "mien/nn/recorder.h"
#include "mien/nn/state.h"
#include "mien/onnx/onnx_writer.h"
#include "mien/onnx/operators.h"
#include "mien/onnx/passes.h"
#include "mien/train/export_onnx.h"
#include "support/method_case.h"

namespace {

using namespace mien;
using Tensors = std::vector<at::Tensor>;

struct Case {
  std::string name;
  method::Deploy deploy;
  std::size_t num_classes = 0;  ///< 0: the first output is not logits
  bool half = true;             ///< also with weights in half precision
};

Case make_case(const std::string& name, int channels, int side, std::vector<std::string> outputs,
               std::function<Tensors(const at::Tensor&)> forward, nn::NamedTensors weights = {}) {
  Case c;
  c.name = name;
  c.deploy.input.width = c.deploy.input.height = side;
  c.deploy.input.channels = channels;
  c.deploy.input.mean.assign(static_cast<std::size_t>(channels), 0.5f);
  c.deploy.input.std.assign(static_cast<std::size_t>(channels), 0.5f);
  for (const auto& output : outputs) c.deploy.outputs.push_back({output, "for the test", "real"});
  c.deploy.forward = std::move(forward);
  c.deploy.weights = std::move(weights);
  return c;
}

/// Norms as after training: otherwise they would have no effect.
void settle_norms(torch::nn::Module& module) {
  for (auto& buffer : module.named_buffers()) {
    if (buffer.key().ends_with("running_mean")) buffer.value().normal_(0, 0.3);
    if (buffer.key().ends_with("running_var")) buffer.value().uniform_(0.5, 2);
  }
  for (auto& parameter : module.parameters())
    if (parameter.dim() == 1) parameter.data().uniform_(-0.5, 1);
  module.eval();
}

torch::nn::Sequential conv_norm(int in, int out, int kernel, int stride) {
  return torch::nn::Sequential(
      torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)),
      torch::nn::BatchNorm2d(out));
}

/// ResNet-18's shape with DAN-like heads, norms unfolded and rectifiers in place.
struct LittleResNetImpl : torch::nn::Module {
  explicit LittleResNetImpl(int w) {
    stem = register_module("stem", conv_norm(1, w, 7, 2));
    int in = w;
    for (int stage = 0; stage < 4; ++stage)
      for (int block = 0; block < 2; ++block) {
        const int out = w << stage, stride = stage > 0 && block == 0 ? 2 : 1;
        const std::string name = "layer" + std::to_string(stage) + "_" + std::to_string(block);
        first.push_back(register_module(name + "_a", conv_norm(in, out, 3, stride)));
        second.push_back(register_module(name + "_b", conv_norm(out, out, 3, 1)));
        shortcut.push_back(stride == 1 ? torch::nn::Sequential()
                                       : register_module(name + "_s", conv_norm(in, out, 1, stride)));
        in = out;
      }
    for (int h = 0; h < 4; ++h) {
      spatial.push_back(register_module("spatial" + std::to_string(h), conv_norm(in, in, 3, 1)));
      channel.push_back(register_module(
          "channel" + std::to_string(h),
          torch::nn::Sequential(torch::nn::Linear(in, in / 8), torch::nn::BatchNorm1d(in / 8), torch::nn::ReLU(),
                                torch::nn::Linear(in / 8, in), torch::nn::Sigmoid())));
    }
    fc = register_module("fc", torch::nn::Linear(in, 8));
    bn = register_module("bn", torch::nn::BatchNorm1d(8));
  }
  Tensors forward(const at::Tensor& images) {
    at::Tensor x = torch::max_pool2d(torch::relu(stem->forward(images)), {3, 3}, {2, 2}, {1, 1});
    for (std::size_t i = 0; i < first.size(); ++i) {
      const at::Tensor identity = shortcut[i]->is_empty() ? x : shortcut[i]->forward(x);
      x = second[i]->forward(first[i]->forward(x).relu_()).add_(identity).relu_();
    }
    Tensors vectors, maps;
    for (std::size_t h = 0; h < spatial.size(); ++h) {
      maps.push_back(torch::relu(spatial[h]->forward(x)).sum({1}, true));
      const at::Tensor pooled = torch::adaptive_avg_pool2d(x * maps.back(), {1, 1}).view({x.size(0), -1});
      vectors.push_back(pooled * channel[h]->forward(pooled));
    }
    return {bn(fc(torch::log_softmax(torch::stack(vectors).permute({1, 0, 2}), 1).sum(1))), torch::cat(maps, 1)};
  }
  torch::nn::Sequential stem{nullptr};
  std::vector<torch::nn::Sequential> first, second, shortcut, spatial, channel;
  torch::nn::Linear fc{nullptr};
  torch::nn::BatchNorm1d bn{nullptr};
};
TORCH_MODULE(LittleResNet);

Case little_resnet() {
  LittleResNet net(16);
  settle_norms(*net);
  Case c = make_case(
      "little_resnet", 1, 64, {"logits", "head_maps"}, [net](const at::Tensor& x) mutable { return net->forward(x); },
      nn::state_of(*net));
  c.num_classes = 8;
  return c;
}

/// Patches, a class token, position embedding, one block of attention.
Case little_transformer() {
  const auto patches = torch::randn({32, 3, 8, 8}) * 0.1, token = torch::randn({1, 1, 32}),
             position = torch::randn({1, 17, 32});
  const auto qkv = torch::randn({96, 32}) * 0.2, bias = torch::randn({96}), head = torch::randn({7, 32}) * 0.3;
  const auto norm_weight = torch::rand({32}) + 0.5, norm_bias = torch::randn({32});
  auto forward = [=](const at::Tensor& images) -> Tensors {
    at::Tensor x = torch::conv2d(images, patches, {}, {8, 8}).flatten(2).transpose(1, 2);
    x = torch::cat({token.expand({x.size(0), -1, -1}), x}, 1) + position;
    const at::Tensor y = torch::linear(torch::layer_norm(x, {32}, norm_weight, norm_bias), qkv, bias);
    const at::Tensor parts = y.reshape({x.size(0), 17, 3, 4, 8}).permute({2, 0, 3, 1, 4});
    const Tensors q_k_v = parts.unbind(0);
    at::Tensor a = at::scaled_dot_product_attention(q_k_v[0], q_k_v[1], q_k_v[2]);
    a = a.transpose(1, 2).reshape({x.size(0), 17, 32});
    const at::Tensor causal = at::scaled_dot_product_attention(x, x, x, {}, 0, true);
    const at::Tensor masked = at::scaled_dot_product_attention(x, x, x, torch::ones({17, 17}, at::kBool).tril());
    return {torch::linear(torch::gelu(x + a).select(1, 0), head), causal - masked * 0.5, torch::gelu(x, "tanh")};
  };
  return make_case("little_transformer", 3, 32, {"logits", "masked", "gelu"}, forward,
                   {{"patches", patches}, {"token", token}, {"qkv", qkv}});
}

Case shapes() {
  auto forward = [](const at::Tensor& x) -> Tensors {  // (B,4,8,8)
    const auto chunks = x.chunk(2, 1), thirds = x.split({1, 3}, 1);
    const at::Tensor cut = x.narrow(2, 1, 6).slice(3, -5, INT64_MAX, 2);  // (B,4,6,3)
    const at::Tensor tokens = x.reshape({x.size(0) * 4, 64}).view({-1, 4, 64});
    const at::Tensor filled =
        at::cat({at::ones({x.size(0), 1, 8, 8}), at::zeros_like(chunks[0]), at::full({x.size(0), 1, 8, 8}, 2.5)}, 1);
    const at::Tensor padded = at::pad(at::constant_pad_nd(x, {1, 2, 0, 1}, 0.5), {2, 1, 1, 1}, "reflect");
    const at::Tensor picked = x.index_select(1, at::tensor({3, 0}, at::kLong)).squeeze(-1).unsqueeze(-1);
    return {chunks[0] - chunks[1] * thirds[0],
            cut,
            tokens.permute({0, 2, 1}),
            filled,
            padded,
            picked,
            at::tensor({1.f, 2.f}).repeat({x.size(0), 2})};
  };
  return make_case("shapes", 4, 8, {"chunks", "cut", "tokens", "filled", "padded", "picked", "repeated"}, forward);
}

Case pointwise() {
  auto forward = [](const at::Tensor& x) -> Tensors {  // (B,3,6,6)
    const at::Tensor p = x.abs() + 0.1;
    const at::Tensor a = torch::elu(x) + torch::silu(x) + torch::hardtanh(x, -0.5, 0.5) + torch::leaky_relu(x, 0.2) +
                         torch::softplus(x) + torch::relu6(x);
    const at::Tensor b =
        p.log() + p.sqrt() + p.pow(1.5) + p.rsqrt() + p.reciprocal() + p.square() + (-x).exp() + at::erf(x);
    const at::Tensor c = at::where(x > 0.2, x.tanh(), at::sigmoid(x)) + x.clamp(-0.3, 0.3) + x.clamp_min(0) +
                         at::maximum(x, p * 0.5) + (1 - x) + x.sub(p, 2);
    const at::Tensor d = x.masked_fill(x.le(0).logical_not(), 7) / p;
    const at::Tensor counted = (x > 0).to(at::kFloat).sum({2, 3}) + (x > 0).sum({2, 3});
    return {a,
            b,
            c,
            d,
            counted,
            x.softmax(1),
            x.logsumexp({2, 3}),
            x.logsumexp(1, true),
            x.norm(2, {1}, true),
            x.norm(1, {2, 3}),
            x.norm(2, {2, 3}),
            x.amax({2, 3}),
            x.amin(1),
            std::get<1>(x.min(1)).to(at::kFloat),
            std::get<0>(x.max(1)),
            std::get<0>(x.flatten(1).topk(5)),
            x.mean({1, 2, 3}),
            at::einsum("bchw,bdhw->bcd", {x, p})};
  };
  return make_case("pointwise", 3, 6,
                   {"a", "b", "c", "d", "counted", "softmax", "logsumexp", "logsumexp_keep", "norm", "norm1", "norm2",
                    "amax", "amin", "argmin", "max", "topk", "mean", "einsum"},
                   forward);
}

Case pooling() {
  const auto w = torch::randn({8, 2, 3, 3}) * 0.3, bias = torch::randn({8}), w1 = torch::randn({4, 8, 3}) * 0.3,
             square = torch::randn({6, 6});
  auto forward = [=](const at::Tensor& x) -> Tensors {  // (B,4,12,12)
    const at::Tensor grouped = torch::conv2d(x, w, bias, 1, "same", 2, 2);
    const at::Tensor line = torch::conv1d(grouped.flatten(2), w1, {}, 2, 1);
    const at::Tensor pooled = torch::avg_pool2d(x, 3, 2, 1, true, false) + torch::max_pool2d(x, 3, 2, 1, 1, true);
    const at::Tensor six = torch::adaptive_avg_pool2d(x, {6, 6}), rows = six.flatten(0, 1);
    const at::Tensor up = torch::upsample_bilinear2d(x, at::IntArrayRef{20, 17}, false) +
                          torch::upsample_nearest2d(six, at::IntArrayRef{20, 17}) +
                          torch::upsample_bilinear2d(six, at::IntArrayRef{20, 17}, true);
    const at::Tensor padded = torch::avg_pool2d(x, 3, 1, 1), overhanging = torch::avg_pool2d(x, 5, 3, 0, true);
    return {grouped,
            line,
            pooled,
            padded,
            overhanging,
            up,
            six.matmul(square),
            at::baddbmm(rows, rows, rows.transpose(1, 2), 0.5, 2)};
  };
  return make_case("pooling", 4, 12,
                   {"grouped", "line", "pooled", "padded", "overhanging", "up", "product", "products"}, forward,
                   {{"w", w}, {"bias", bias}, {"w1", w1}});
}

/// Operators of the table that select, move and repeat.
Case indexing() {
  const auto order = at::tensor({3, 0, 2}, at::kLong), places = at::tensor({2, 0, 1, 3}, at::kLong).view({1, 4, 1, 1});
  auto forward = [=](const at::Tensor& x) -> Tensors {  // (B,4,6,6)
    const at::Tensor best = x.argmax(1), five = std::get<1>(x.flatten(1).topk(5));
    const at::Tensor everywhere = places.expand({x.size(0), 4, 6, 6});
    const at::Tensor flat = x.flatten(1), hits = at::zeros_like(flat).scatter(1, five, 1.0);
    const at::Tensor both = at::bitwise_and(x > 0, x < 1).bitwise_or(x.ne(x.abs()));
    return {best,
            at::one_hot(best, 4).to(at::kFloat),
            x.index({torch::indexing::Slice(), order}),
            x.gather(1, everywhere),
            hits,
            flat.scatter(1, five, flat.gather(1, five) * 2),
            flat.scatter_add(1, five, flat.gather(1, five)),
            x.flip({1, 3}),
            x.roll({1, -2}, {2, 3}),
            x.unfold(2, 3, 2),
            at::im2col(x, {3, 2}, {1, 2}, {1, 0}, {2, 1}),
            x.repeat_interleave(3, 1),
            x.repeat_interleave(2, 0).flatten(1).view({-1, 2, 144}).sum(1),
            at::where(both, x, x * 0.5),
            x.cumsum(2)};
  };
  return make_case("indexing", 4, 6,
                   {"argmax", "one_hot", "index", "gather", "hits", "scatter", "scatter_add", "flip", "roll", "unfold",
                    "im2col", "repeated", "doubled", "both", "cumsum"},
                   forward);
}

/// PReLU with a slope per channel, at a size where a slope along the wrong axis would fit too; transposed convolutions.
Case upward() {
  const auto slopes = torch::rand({4}), one = torch::full({1}, 0.3), w = torch::randn({4, 3, 3, 3}) * 0.3,
             bias = torch::randn({6}), line = torch::randn({4, 2, 2}) * 0.3;
  auto forward = [=](const at::Tensor& x) -> Tensors {  // (B,4,4,4)
    const at::Tensor up = at::conv_transpose2d(x, w, bias, {2, 2}, {1, 1}, {1, 1}, 2, {1, 1});
    return {at::prelu(x, slopes), at::prelu(x, one), at::prelu(x.mean({2, 3}), slopes), up,
            at::conv_transpose1d(x.flatten(2), line, {}, 2)};
  };
  return make_case("upward", 4, 4, {"prelu", "prelu_one", "prelu_rows", "up", "line"}, forward,
                   {{"slopes", slopes}, {"w", w}});
}

/// Structures that the graph passes merge: parallel branches with their norms, a chain of linear layers.
Case merging() {
  torch::nn::Sequential reduce = conv_norm(3, 4, 1, 1), chain(torch::nn::Linear(8, 7), torch::nn::Linear(7, 3));
  auto branch = [](std::int64_t h, std::int64_t w) {
    return torch::nn::Sequential(torch::nn::Conv2d(torch::nn::Conv2dOptions(4, 8, {h, w}).padding({h / 2, w / 2})),
                                 torch::nn::BatchNorm2d(8));
  };
  std::vector<torch::nn::Sequential> branches{branch(3, 1), branch(1, 3), branch(3, 3)};
  for (auto& b : branches) settle_norms(*b);
  settle_norms(*reduce);
  auto forward = [=](const at::Tensor& x) mutable -> Tensors {  // (B,3,9,9)
    const at::Tensor u = reduce->forward(x);
    const at::Tensor y = torch::relu(branches[0]->forward(u) + branches[1]->forward(u) + branches[2]->forward(u));
    return {chain->forward(y.mean({2, 3})), y};
  };
  return make_case("merging", 3, 9, {"chain", "sum"}, forward);
}

/// A method's small form with further settings, norms and centres as after training.
Case of_method(const std::string& name, const std::vector<std::string>& settings) {
  testing::MethodCase small = methods::case_of(name);
  small.side = std::max(small.side, 64);  // maps of one cell would hide the position of a kernel
  const std::shared_ptr<method::Method> method =
      testing::build(*methods::make_config(name), small, settings, /*seed=*/5);
  settle_norms(method->network());
  for (auto& [key, kept] : method->extra_state())
    if (kept.is_floating_point()) kept.data().uniform_(0.1, 1);
  Case c{name, method->deploy({.portable_operators = true}), 8};  // the other runtimes lack mien's operators
  c.half = settings.empty();                                      // rounding a weight does not depend on the variant
  for (const auto& setting : settings) c.name += "_" + setting;
  std::replace_if(
      c.name.begin(), c.name.end(), [](char x) { return !std::isalnum(static_cast<unsigned char>(x)); }, '_');
  c.deploy.forward = [method, forward = c.deploy.forward](const at::Tensor& x) { return forward(x); };
  return c;
}

/// Description of the exported graph: nodes, attributes, sizes, and the values of all constants except weights.
std::string form_of(const method::Deploy& deploy) {
  std::vector<std::string> names;
  for (const auto& output : deploy.outputs) names.push_back(output.name);
  onnx::Graph graph = onnx::lower(nn::record(
      deploy.forward, {deploy.input.channels, deploy.input.height, deploy.input.width}, names, deploy.weights));
  onnx::simplify(graph);
  for (auto& i : graph.initializers)
    if (i.type == onnx::ElementType::float32 && !i.dims.empty()) i.bytes.clear();
  return onnx::write_onnx(graph, {});
}

/// Each method by default, and with each flag of its case that changes the exported graph.
std::vector<Case> methods_and_variants() {
  std::vector<Case> cases;
  for (const auto& name : methods::names()) {
    std::set<std::string> forms;
    std::vector<std::vector<std::string>> variants{{}};
    for (const auto& flag : methods::case_of(name).flags) variants.push_back(flag.settings);
    for (const auto& settings : variants) {
      Case c = of_method(name, settings);
      if (forms.insert(form_of(c.deploy)).second) cases.push_back(std::move(c));
    }
  }
  return cases;
}

std::string raw(const at::Tensor& t) {
  const at::Tensor plain = t.contiguous();
  return {static_cast<const char*>(plain.const_data_ptr()), plain.nbytes()};
}

Json run(const Case& c, const std::filesystem::path& dir) {
  face::ModelCard card;
  card.method = card.name = c.name;
  card.classes = face::class_set(c.num_classes ? c.num_classes : 8);
  if (!c.num_classes) card.classes.clear();
  Json entry = {{"name", c.name}, {"file", c.name + ".onnx"}, {"half_file", nullptr}, {"runs", Json::array()}};
  const auto report = train::export_onnx(c.deploy, card, dir / (c.name + ".onnx"));
  entry["weights_hash"] = report.card.weights_hash;
  entry["parameters"] = report.card.parameters;
  entry["multiply_adds"] = report.card.multiply_adds;
  if (c.half) {
    entry["half_file"] = c.name + "_half.onnx";
    train::export_onnx(c.deploy, card, dir / (c.name + "_half.onnx"), {.half_weights = true});
  }
  for (int batch : {1, 3, 8}) {
    const at::Tensor input =
        torch::randn({batch, c.deploy.input.channels, c.deploy.input.height, c.deploy.input.width});
    const std::string stem = c.name + "_" + std::to_string(batch);
    write_file(dir / (stem + ".in"), raw(input));
    Json outputs = Json::array();
    const auto results = c.deploy.forward(input);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::string file = stem + "_" + c.deploy.outputs[i].name + ".out";
      write_file(dir / file, raw(results[i].to(at::kFloat)));
      outputs.push_back({{"name", c.deploy.outputs[i].name}, {"file", file}, {"shape", results[i].sizes().vec()}});
    }
    entry["runs"].push_back({{"input", stem + ".in"}, {"shape", input.sizes().vec()}, {"outputs", outputs}});
  }
  return entry;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(1);
    std::vector<Case> cases{little_resnet(), little_transformer(), shapes(), pointwise(),
                            pooling(),       indexing(),           upward(), merging()};
    for (auto& c : methods_and_variants()) cases.push_back(std::move(c));
    Json manifest = Json::array();
    for (const auto& c : cases) manifest.push_back(run(c, argv[1]));
    write_json(std::filesystem::path(argv[1]) / "manifest.json", manifest);
  } catch (const Error& e) {
    std::fprintf(stderr, "%s %s\n", e.message().c_str(), e.remedy().c_str());
    return 1;
  }
}
