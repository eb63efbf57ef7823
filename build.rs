//! How the program is linked.
//!
//! On Linux it is linked to stand at a fixed place in memory. Else every start of it writes some hundred pages of addresses, which is half of what a
//! hook takes. Libraries, heap and stack are elsewhere each time, as always. `CODEX_GIT_PIE=1` links it the other way.

#[allow(clippy::disallowed_methods, reason = "cargo tells a build script what to do through the environment")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CODEX_GIT_PIE");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|is| is == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is("CODEX_GIT_PIE", "1") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
