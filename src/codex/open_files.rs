//! Which files other processes have open, as far as the system says.
//!
//! A process can write to a file that it has open, under whatever name, so a rollout is removed only when no other process has it open. Linux
//! shows the files of the person's own processes below `/proc`; other systems show nothing here.

use std::path::PathBuf;

/// Which of these files another process has open. `None` where that can't be seen.
#[cfg(target_os = "linux")]
pub fn open_elsewhere(files: &[PathBuf]) -> Option<Vec<PathBuf>> {
    use std::collections::HashMap;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let identity = |path: &PathBuf| fs::metadata(path).ok().map(|data| ((data.dev(), data.ino()), path.clone()));
    let wanted: HashMap<(u64, u64), PathBuf> = files.iter().filter_map(identity).collect();
    let own = std::process::id().to_string();
    let mut open = Vec::new();
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let is_other = name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && name != own);
        // The files of other people's processes can't be seen, nor those of one that just ended.
        let Ok(descriptors) = fs::read_dir(process.path().join("fd")) else { continue };
        for descriptor in descriptors.flatten().filter(|_| is_other) {
            let Some((identity, _)) = identity(&descriptor.path()) else { continue };
            open.extend(wanted.get(&identity).cloned());
        }
    }
    open.sort_unstable();
    open.dedup();
    Some(open)
}

/// Which of these files another process has open: it can't be seen.
#[cfg(not(target_os = "linux"))]
pub fn open_elsewhere(_: &[PathBuf]) -> Option<Vec<PathBuf>> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_file_that_another_process_has_open_is_seen_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&file, "x").unwrap();
        fs::write(&other, "x").unwrap();
        let files = [file.clone(), other];
        assert_eq!(open_elsewhere(&files), Some(Vec::new()));
        let input = Stdio::from(fs::File::open(&file).unwrap());
        let mut reader = Command::new("sleep").arg("60").stdin(input).spawn().unwrap();
        assert_eq!(open_elsewhere(&files), Some(vec![file.clone()]));
        let moved = folder.path().join("c");
        fs::rename(&file, &moved).unwrap();
        assert_eq!(open_elsewhere(std::slice::from_ref(&moved)), Some(vec![moved]));
        reader.kill().unwrap();
        reader.wait().unwrap();
        assert_eq!(open_elsewhere(&[folder.path().join("c")]), Some(Vec::new()));
    }
}
