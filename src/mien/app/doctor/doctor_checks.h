// SPDX-License-Identifier: Apache-2.0
// The checks of mien doctor, one function each; doctor.cc holds their table. See DoctorCheck for what they may throw.
#pragma once

#include "mien/app/doctor/doctor.h"

namespace mien::app {

// doctor_machine.cc
CheckResult check_build(const DoctorContext& context);      ///< version, revision, preset, compiler, the training half
CheckResult check_processor(const DoctorContext& context);  ///< cores, instruction sets that it has
CheckResult check_libraries(const DoctorContext& context);  ///< versions that run, against those compiled with
CheckResult check_memory(const DoctorContext& context);     ///< available, within the limits of a container
CheckResult check_disk(const DoctorContext& context);       ///< free space for data, cache and results
CheckResult check_cache(const DoctorContext& context);      ///< whether compiled networks can be kept

// doctor_files.cc
CheckResult check_licences(const DoctorContext& context);   ///< texts of the licences; what the models were trained on
CheckResult check_detectors(const DoctorContext& context);  ///< fetched files against their pins
CheckResult check_models(const DoctorContext& context);     ///< each model against card hash and weights hash
CheckResult check_picture(const DoctorContext& context);    ///< the sample picture through the whole pipeline

}  // namespace mien::app
