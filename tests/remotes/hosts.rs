//! The ways to a remote: ssh, http, git's own daemon; old protocols, hosts that take branches only, hosts that move refs one by one. And what is said
//! where no way leads there.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Shared, ends, git, go_on, outcomes};
use crate::support::executable::write_script;
use crate::support::git_host::GitHost;
use crate::support::{Home, Ran, ran};

/// Two machines share by that address; `reach` says how their git gets there.
fn share_by(shared: &Shared, address: &str, reach: &[(&str, &str)]) {
    let run = |home: &Home, words: &str| -> Ran {
        let ran = ran(home.command().args(words.split(' ')).envs(reach.iter().copied()).output().unwrap());
        assert_eq!(ran.code, 0, "{address}: {words}: {ran:?}");
        ran
    };
    let machines: Vec<Home> = ["desk", "laptop"].iter().map(|label| shared.machine(label)).collect();
    machines.iter().for_each(|home| drop(run(home, &format!("remote set origin --url {address}"))));
    let [here, there] = &machines[..] else { unreachable!() };
    go_on(here, 1, &["one", "two"]);
    run(here, "push");
    assert_eq!(outcomes(&run(there, "--json pull")), ["new"], "{address}");
    there.ok("-q restore --as-fork 01a20f86-0001");
    there.ok("-q restore 01a20f86-0001");
    go_on(there, 1, &["one", "two", "three"]);
    run(there, "push");
    run(here, "pull");
    assert!(ends(there).contains(ends(here).lines().next().unwrap()), "{address}");
    assert!(run(here, "pull").stderr.contains("nothing new"), "{address}");
}

/// A ssh that is none: it runs what is asked for on this machine, with an old protocol if that is wanted.
fn ssh(folder: &Path, environment: &str) -> String {
    let path = folder.join("ssh");
    write_script(
        &path,
        &format!("while [ \"$1\" != host ]; do shift; done\nshift\nexec env {environment} sh -c \"$*\""),
    );
    path.to_str().unwrap().to_owned()
}

#[test]
fn by_ssh_with_the_protocol_of_today_and_with_that_of_old() {
    for environment in ["X=x", "-u GIT_PROTOCOL"] {
        let shared = Shared::new();
        let folder = tempfile::tempdir().unwrap();
        let program = ssh(folder.path(), environment);
        share_by(&shared, &format!("host:{}", shared.address()), &[("GIT_SSH", &program)]);
    }
}

#[test]
fn by_the_daemon_of_git() {
    let shared = Shared::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut daemon = Daemon(
        // Not by way of `git`, which would be what is ended in its place.
        Command::new(Path::new(git(&["--exec-path"]).trim()).join("git-daemon"))
            .args(["--export-all", "--enable=receive-pack", "--listen=127.0.0.1", "--reuseaddr"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", shared.path().parent().unwrap().display()))
            .arg(shared.path().parent().unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let is_up = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(is_up && daemon.0.try_wait().unwrap().is_none(), "the daemon answers");
    share_by(&shared, &format!("git://127.0.0.1:{port}/shared.git"), &[]);
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn by_http() {
    let shared = Shared::new();
    shared.git("config http.receivepack true");
    let host = GitHost::start(shared.path().parent().unwrap());
    share_by(&shared, &host.address("shared.git"), &[]);
    let home = shared.machine("third");
    home.ok(&format!("remote set origin --url {}", host.address("nothing.git")));
    let told = home.run(["pull"]);
    assert!(told.code == 1 && told.stderr.contains("nothing.git"), "{told:?}");
}

#[test]
fn a_host_that_moves_refs_one_by_one_is_pushed_to_like_that() {
    let shared = Shared::new();
    shared.git("config receive.advertiseAtomic false");
    share_by(&shared, &shared.address(), &[]);
}

#[test]
fn a_host_that_takes_branches_alone_gets_branches() {
    let shared = Shared::new();
    shared.hook(r#"case "$1" in refs/heads/*) ;; *) echo "illegal ref name" >&2; exit 1;; esac"#);
    share_by(&shared, &shared.address(), &[]);
    let refs = shared.git("for-each-ref --format=%(refname)");
    assert!(refs.lines().count() == 4 && refs.lines().all(|name| name.starts_with("refs/heads/codex/")), "{refs}");
    let shared = Shared::new();
    shared.git("config receive.hideRefs refs/codex");
    share_by(&shared, &shared.address(), &[]);
}

#[test]
fn a_host_that_takes_nothing_is_told_about() {
    let shared = Shared::new();
    shared.hook("echo 'the disk is full' >&2; exit 1");
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    let told = home.run(["push"]);
    assert!(
        told.code == 1 && told.stderr.contains("`origin` does not take it: hook declined: the disk is full"),
        "{told:?}"
    );
    assert_eq!(shared.git("for-each-ref"), "");
}

#[test]
fn where_nobody_answers_nothing_changes_and_it_is_said() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let before = home.git("for-each-ref");
    for (address, why) in [
        (format!("http://127.0.0.1:{port}/a.git"), "127.0.0.1"),
        (format!("ssh://127.0.0.1:{port}/a.git"), "refused"),
        (format!("git://127.0.0.1:{port}/a.git"), "refused"),
        (format!("file://{}/nothing", shared.address()), "nothing"),
    ] {
        home.ok(&format!("remote set origin --url {address}"));
        for verb in ["push", "pull", "sync", "list --remote"] {
            let told = home.run(verb.split(' '));
            assert!(told.code == 1 && told.stderr.contains(why), "{verb} {address}: {told:?}");
            assert!(told.stderr.lines().count() <= 2, "{verb} {address}: {told:?}");
        }
    }
    assert_eq!(home.git("for-each-ref"), before);
}

#[test]
fn the_settings_of_a_person_do_not_leak_in() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    // What is set on the host is for the host to say.
    let folder = tempfile::tempdir().unwrap();
    let program = ssh(folder.path(), "HOME=/nowhere");
    for home in [&here, &there] {
        home.ok(&format!("remote set origin --url host:{}", shared.address()));
        let hooks = home.work().join("hooks");
        std::fs::create_dir_all(&hooks).unwrap();
        for hook in ["pre-push", "reference-transaction", "post-checkout"] {
            write_script(&hooks.join(hook), &format!("touch {}\nexit 1", home.work().join("ran").display()));
        }
        let config = format!(
            "[core]\nhooksPath = {}\nfsmonitor = touch ran\n[pack]\nindexVersion = 1\n[push]\ngpgSign = true\nfollowTags = true\n[fetch]\nprune = true\nfsckObjects = false\n[transfer]\nhideRefs = refs/codex\n[protocol]\nallow = always\n[submodule]\nrecurse = true\n",
            hooks.display()
        );
        std::fs::write(home.path().parent().unwrap().join(".gitconfig"), config).unwrap();
    }
    go_on(&here, 1, &["one"]);
    let odd = [
        ("GIT_DIR", "/nowhere"),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "maybe"),
        ("GIT_INDEX_FILE", "/nowhere"),
        ("GIT_SSH", &*program),
    ];
    for (home, words) in [(&here, "push"), (&there, "pull")] {
        let told = ran(home.command().args([words]).envs(odd).output().unwrap());
        assert_eq!(told.code, 0, "{words}: {told:?}");
        assert!(!home.work().join("ran").exists(), "{words}: no hook of theirs ran");
    }
    assert_eq!(ends(&there), ends(&here));
}
