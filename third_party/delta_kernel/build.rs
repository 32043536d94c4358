// SPDX-License-Identifier: Apache-2.0
//! Link options of libholdfast_delta.so: a name for who links it, and only hf_delta_* visible (a
//! dependency exports C functions of its own).
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libholdfast_delta.so");
    println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
}
