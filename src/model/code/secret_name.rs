//! Names that files with secrets have. Such a file is kept only if the project's own commit has it: then it is no secret to keep.

/// Names that are one.
const WHOLE: [&str; 6] = [".env", ".netrc", ".npmrc", ".pypirc", ".git-credentials", "auth.json"];
/// What such names begin with.
const BEGINNINGS: [&str; 4] = ["id_rsa", "id_ed25519", "id_ecdsa", "credentials"];
/// What such names end with.
const ENDINGS: [&str; 6] = [".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx"];
/// A file of these kinds tells what to put into the one with secrets.
const EXAMPLES: [&str; 4] = ["example", "sample", "template", "dist"];

/// Whether a file's name says that it may hold secrets.
pub fn looks_secret(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    if let Some(kind) = name.strip_prefix(".env.") {
        return !EXAMPLES.iter().any(|example| kind == *example || kind.ends_with(&format!(".{example}")));
    }
    let is_source = [".rs", ".py", ".ts", ".js", ".go", ".java", ".pub", ".md"].iter().any(|end| name.ends_with(end));
    WHOLE.contains(&name.as_str())
        || (BEGINNINGS.iter().any(|begin| name.starts_with(begin)) && !is_source)
        || ENDINGS.iter().any(|end| name.ends_with(end))
        || name.ends_with(".tfstate")
        || name.contains(".tfstate.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_others() {
        for name in [
            ".env",
            ".env.local",
            ".ENV.production",
            "server.pem",
            "a.key",
            "id_rsa",
            "id_ed25519_work",
            "credentials",
            "credentials.json",
            "x.tfstate",
            "x.tfstate.backup",
            "auth.json",
        ] {
            assert!(looks_secret(name.as_bytes()), "{name}");
        }
        for name in [
            ".env.example",
            ".env.local.sample",
            "environment",
            "id_rsa.pub",
            "credentials.rs",
            "keys.txt",
            "monkey",
            "author.json",
        ] {
            assert!(!looks_secret(name.as_bytes()), "{name}");
        }
    }
}
