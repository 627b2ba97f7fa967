#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checker finds what it must find: each case is one small wrong file."""
import unittest

from check import LICENCE, check_file, folder_of, reachable, read_table

TABLE = read_table("""<!-- arrows: begin -->
| folder | may include | third party | holds |
|---|---|---|---|
| base | – | json | . |
| face | base | – | . |
| nn | face | torch | . |
| methods/x | nn | torch | . |
| methods | methods/x | torch | . |
| runtime | face | openvino | . |
| app | all | cli11 | . |
<!-- arrows: end -->""")


def findings(path, *includes, lines=0):
    text = f"// {LICENCE}\n" + "".join(f"#include {i}\n" for i in includes) + "\n" * lines
    return check_file(TABLE, path, text)


class CheckTest(unittest.TestCase):
    def test_table(self):
        self.assertEqual(TABLE["nn"], ({"face"}, {"torch"}))
        self.assertEqual(reachable(TABLE, "nn"), {"nn", "face", "base"})
        self.assertIn("runtime", reachable(TABLE, "app"))
        self.assertEqual(folder_of("methods/dan/loss.h"), "methods/x")
        self.assertEqual(folder_of("methods/registry.cc"), "methods")

    def test_good_files(self):
        self.assertEqual(findings("nn/a.cc", '"mien/base/error.h"', "<torch/torch.h>", "<vector>"), [])
        self.assertEqual(findings("methods/registry.cc", '"mien/methods/dan/method.h"'), [])
        self.assertEqual(findings("methods/dan/a.cc", '"mien/methods/dan/b.h"'), [])
        self.assertEqual(findings("runtime/a.cc", "<openvino/openvino.hpp>"), [])

    def test_arrow_upwards(self):
        self.assertEqual(len(findings("face/a.cc", '"mien/nn/torch.h"')), 1)
        self.assertEqual(len(findings("nn/a.cc", '"mien/runtime/session.h"')), 1)

    def test_method_sees_method(self):
        self.assertEqual(len(findings("methods/dan/a.cc", '"mien/methods/fdrl/b.h"')), 1)
        self.assertEqual(len(findings("methods/dan/a.cc", '"mien/methods/registry.h"')), 1)

    def test_third_party_outside_its_folder(self):
        for header in ("<torch/torch.h>", "<ATen/ATen.h>", '"c10/util/Half.h"', "<opencv2/core.hpp>", "<openvino/op.hpp>",
                       "<onnxruntime_cxx_api.h>", "<nlohmann/json.hpp>"):
            self.assertEqual(len(findings("face/a.cc", header)), 1, header)

    def test_header_of_runtime_shows_openvino(self):
        self.assertEqual(len(findings("runtime/a.h", "<openvino/openvino.hpp>")), 1)
        self.assertEqual(len(check_file(TABLE, "runtime/a.h", f"// {LICENCE}\nov::Model model;\n")), 1)

    def test_length_and_licence(self):
        self.assertEqual(len(findings("face/a.cc", lines=350)), 1)
        self.assertEqual(findings("face/a_test.cc", lines=350), [])
        self.assertEqual(len(check_file(TABLE, "face/a.cc", "// mine\n")), 1)

    def test_unknown_folder(self):
        self.assertEqual(len(findings("wild/a.cc")), 1)


if __name__ == "__main__":
    unittest.main()
