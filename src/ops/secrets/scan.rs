//! Reading parts and scanning their lines, by several threads where there is enough to read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use super::part::{Part, Read};
use crate::model::ObjectId;
use crate::ops::threads::threads;
use crate::ops::{Error, Workspace};
use crate::rollout::told_in;
use crate::secrets::{Finding, Rules};

/// From how many parts on a second thread is worth it.
const WORTH: usize = 32;

impl Workspace {
    /// Scans parts; what each holds is given in their order.
    pub(super) fn scan_parts(
        &self,
        rules: &Rules,
        parts: &[Part],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Read>, Error> {
        let threads = threads().min(parts.len() / WORTH + 1);
        if threads < 2 {
            let scan = |(at, part): (usize, &Part)| {
                progress(at, parts.len());
                self.scan_part(rules, &part.blobs)
            };
            return Ok(parts.iter().enumerate().map(scan).collect());
        }
        let workspaces = (0..threads).map(|_| self.reopen()).collect::<Result<Vec<_>, Error>>()?;
        let (next, (give, taken)) = (AtomicUsize::new(0), channel());
        let mut all: Vec<Option<Read>> = parts.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            for workspace in workspaces {
                let (next, give) = (&next, give.clone());
                scope.spawn(move || {
                    while let Some((at, part)) = take_next(next, parts) {
                        // Nobody takes any more once something went wrong.
                        if give.send((at, workspace.scan_part(rules, &part.blobs))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(give);
            for (done, (at, read)) in taken.into_iter().enumerate() {
                progress(done, parts.len());
                all[at] = Some(read);
            }
        });
        Ok(all.into_iter().map(|read| read.unwrap_or_else(|| Ok(Vec::new()))).collect())
    }

    /// Scans the lines of a part. A line can go on in the next blob.
    fn scan_part(&self, rules: &Rules, blobs: &[ObjectId]) -> Read {
        let (mut found, mut rest) = (Vec::new(), Vec::new());
        for blob in blobs {
            let bytes = self.store.read_blob(*blob)?;
            let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1);
            if rest.is_empty() {
                scan_lines(rules, &bytes[..whole], &mut found);
                rest.extend(&bytes[whole..]);
            } else if whole == 0 {
                rest.extend(bytes);
            } else {
                rest.extend(&bytes[..whole]);
                scan_lines(rules, &rest, &mut found);
                rest = bytes[whole..].to_vec();
            }
        }
        scan_lines(rules, &rest, &mut found);
        Ok(found)
    }
}

fn take_next<'p>(next: &AtomicUsize, parts: &'p [Part]) -> Option<(usize, &'p Part)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    parts.get(at).map(|part| (at, part))
}

fn scan_lines(rules: &Rules, lines: &[u8], found: &mut Vec<(&'static str, Finding)>) {
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let before = found.len();
        rules.scan_line(line, &mut |finding| found.push(("", finding)));
        if found.len() > before {
            let place = told_in(line).name();
            found[before..].iter_mut().for_each(|(known, _)| *known = place);
        }
    }
}
