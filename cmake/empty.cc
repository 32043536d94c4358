// SPDX-License-Identifier: Apache-2.0
// CMake wants a source file; everything the library holds comes from the static libraries of src/.
