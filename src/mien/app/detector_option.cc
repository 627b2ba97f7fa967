// SPDX-License-Identifier: Apache-2.0
#include "mien/app/detector_option.h"

#include "mien/detect/face_finder.h"

namespace mien::app {

std::string default_detector() { return std::string(detect::to_string(detect::kDefaultDetector)); }

std::vector<std::string> detectors_and_none() {
  std::vector<std::string> names = detect::detector_names();
  names.emplace_back(kNoDetector);
  return names;
}

CLI::Option* add_detector_option(CLI::App* command, std::string& name, const std::string& remark) {
  return command
      ->add_option("--detector", name,
                   "adaptive (yunet, and centerface where yunet is not sure), centerface, yunet (upright faces), "
                   "blazeface, or none "
                   "(each picture is a face crop)" +
                       remark)
      ->type_name("NAME")
      ->transform(CLI::IsMember(detectors_and_none(), CLI::ignore_case))
      ->capture_default_str();
}

}  // namespace mien::app
