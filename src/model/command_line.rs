//! Command lines: whether one can have changed files.
//!
//! Nobody can tell that for sure from the words, so what is not known to read alone counts as one that can.

/// Programs that read and print. Options that have them write are below.
const READERS: [&str; 44] = [
    "basename",
    "cat",
    "cd",
    "cmp",
    "column",
    "comm",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "env",
    "false",
    "file",
    "find",
    "grep",
    "head",
    "hexdump",
    "id",
    "jq",
    "less",
    "ls",
    "md5sum",
    "nl",
    "od",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rg",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "sort",
    "stat",
    "tail",
    "test",
    "true",
    "wc",
    "which",
];

/// What git reads with.
const GIT_READERS: [&str; 10] =
    ["blame", "cat-file", "diff", "grep", "log", "ls-files", "rev-parse", "shortlog", "show", "status"];

/// Words that have a reader write.
const WRITING: [&str; 10] =
    ["-delete", "-exec", "-execdir", "-fprint", "-fls", "-ok", "--output", "-o", "--in-place", "--pre"];

/// What formats files, whichever it finds.
pub const FORMATTERS: [&str; 16] = [
    "cargo fmt",
    "rustfmt",
    "prettier",
    "gofmt",
    "go fmt",
    "goimports",
    "black",
    "ruff format",
    "isort",
    "autopep8",
    "yapf",
    "clang-format",
    "eslint",
    "biome",
    "terraform fmt",
    "mix format",
];

/// Whether a command line runs a formatter.
pub fn is_formatter(line: &str) -> bool {
    FORMATTERS.iter().any(|formatter| line.contains(formatter))
}

/// Where output goes without changing a file.
const HARMLESS: [&str; 5] = ["2>&1", "2>/dev/null", "2> /dev/null", ">/dev/null", "> /dev/null"];

/// Whether a command line is known to change no file.
pub fn only_reads(line: &str) -> bool {
    let line = HARMLESS.iter().fold(line.to_owned(), |line, harmless| line.replace(harmless, ""));
    let is_odd = line.contains(['`', '\n', '>']) || line.contains("$(") || line.contains("<(");
    !is_odd && commands(&line).all(reads)
}

/// The commands of a line. Quotes are not looked at: what they hide makes more commands, never fewer.
fn commands(line: &str) -> impl Iterator<Item = &str> {
    line.split(['|', ';', '&']).map(str::trim).filter(|command| !command.is_empty())
}

fn reads(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    let writes = |word: &&str| {
        WRITING
            .iter()
            .any(|option| word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('=')))
    };
    match program.rsplit('/').next().unwrap_or_default() {
        "git" => words.first().is_some_and(|verb| GIT_READERS.contains(verb)) && !words.iter().any(writes),
        // `sed` changes files with -i, and with `w` in its script.
        "sed" => {
            let script = words.get(1).unwrap_or(&"w");
            words.first() == Some(&"-n")
                && !script.starts_with('-')
                && !script.contains('w')
                && !words.iter().any(|word| word.starts_with("-i") || writes(word))
        }
        "env" => words.is_empty(),
        name => READERS.contains(&name) && !words.iter().any(writes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_is_told_from_what_can_write() {
        for line in [
            "ls -la src | head -3",
            "cat a && rg -n 'x' src",
            "sed -n '1,20p' a.rs",
            "git status --short",
            "grep x y 2>/dev/null",
            "cd src; wc -l *.rs 2>&1",
        ] {
            assert!(only_reads(line), "{line}");
        }
        for line in [
            "cat a > b",
            "sed -i s/a/b/ c",
            "sed -n 'w out' a",
            "find . -delete",
            "cargo fmt",
            "git checkout .",
            "echo $(rm a)",
            "sort -o a a",
            "cat <<E\nx\nE",
            "env X=1 make",
            "ls && touch a",
            "",
        ] {
            assert!(!only_reads(line) || line.is_empty(), "{line}");
        }
    }
}
