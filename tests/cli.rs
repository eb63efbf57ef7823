//! The commands as a person types them: what they print, where, and how they end.

use std::fs;

use crate::support::story::Written;
use crate::support::{Fixture, Home};

const CC: &str = "01a20577-cc6c-7b41-89d2-63fc5537d6db";
const D0: &str = "01a20577-d060-7770-ab8a-61a9ad2fb4a1";

/// A home with two legacy sessions, recorded.
fn home() -> Home {
    let home = Home::with(&["0.47", "0.80"]);
    home.ok("init -q");
    home
}

#[test]
fn init_twice_changes_nothing() {
    let home = Home::with(&["0.47", "0.80"]);
    let first = home.ok("init");
    let expected = format!(
        "made the store {}\nrecorded 10 turns in 2 of 2 sessions\nhooks: added to {}\n\
         Codex runs them when you have trusted them: at its next start it asks, or: codex-git hooks install --trust\n\nnext:\ncodex-git list --all the sessions that are kept now\ncodex-git log the turns of the newest session here\ncodex-git save NAME name the point where it stands, to fork from it later\n!codex-git save NAME the same, typed in Codex's own terminal, also while a turn runs",
        home.store().display(),
        home.path().join("hooks.json").display()
    );
    assert_eq!(first.told(), expected);
    assert_eq!(first.stdout, "");
    let files =
        || (home.refs(), ["sessions.git/config", "hooks.json"].map(|file| fs::read(home.path().join(file)).unwrap()));
    let before = files();
    let second = home.ok("init");
    assert!(
        second.stderr.starts_with("the store already exists: ") && second.stderr.contains("nothing new in 2 sessions")
    );
    assert_eq!(files(), before);
}

#[cfg(unix)]
#[test]
fn the_store_is_a_bare_repository_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = home();
    assert_eq!(fs::metadata(home.store()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(home.git("rev-parse --is-bare-repository"), "true\n");
    assert_eq!(home.git("config core.logAllRefUpdates"), "always\n");
    assert!(home.git(&format!("reflog show refs/heads/{CC}")).contains("record turn 5: sessions/2026/11/22/rollout-"));
    assert_eq!(home.git("fsck --strict --full"), "");
}

#[test]
fn without_a_store_the_hint_is_to_make_one() {
    let home = Home::with(&["0.47"]);
    for words in ["log", "save x", "saves", "fork x", "list", "verify", "record"] {
        let ran = home.run(words.split(' '));
        assert_eq!(ran.code, 1, "{words}");
        assert_eq!(
            ran.stderr,
            format!("error: there is no store at `{}`\nhint: codex-git init\n", home.store().display()),
            "{words}"
        );
    }
}

#[test]
fn something_else_in_the_store_s_place_is_left_alone() {
    let home = Home::with(&["0.47"]);
    fs::create_dir(home.store()).unwrap();
    fs::write(home.store().join("mine"), "x").unwrap();
    let ran = home.run(["init"]);
    assert!(ran.code == 1 && ran.stderr.contains("is not a codex-git store"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(home.store()).unwrap().count(), 1);
}

#[test]
fn a_store_of_a_newer_format_is_not_touched() {
    let home = home();
    home.git("config codexgit.format 2");
    let ran = home.run(["record"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("has format 2, and this codex-git reads up to format 1"),
        "{}",
        ran.stderr
    );
}

#[test]
fn list_shows_sessions_newest_first() {
    let home = home();
    home.ok(&format!("save alpha {CC}"));
    let ran = home.ok("list --all");
    assert_eq!(
        ran.plain(),
        "01a20577-d060 AGE 6 turns /srv/labA/w first plain turn\n01a20577-cc6c AGE 6 turns /srv/labA/w [alpha] first plain turn"
    );
    assert!(
        home.ok("list").stderr.contains("no sessions in this directory; `codex-git list --all` shows all 2 sessions")
    );
    let json = home.ok("list --all --json").json();
    let expected = serde_json::json!({
        "session": CC, "changedAt": "2026-11-22T22:56:00Z", "turns": 6, "inherited": 0, "cwd": "/srv/labA/w",
        "title": "first plain turn", "model": "mock-model", "source": "exec", "parent": null, "forkedFrom": null,
        "name": null, "saves": ["alpha"], "place": "active", "behind": null,
    });
    let mut told = json[1].clone();
    told["changedAt"] = expected["changedAt"].clone();
    assert_eq!(told, expected);
}

#[test]
fn a_session_that_is_called_what_it_began_with_is_listed_so_once() {
    let home = Home::empty();
    for (number, name) in [(1, "one chat"), (2, "another")] {
        let session = Written::new(number).turn("one chat");
        session.put(&home);
        home.name(&session.id, name);
    }
    home.ok("init -q --no-hooks");
    let listed = home.ok("list --all").stdout;
    let ends: Vec<&str> = listed.lines().map(|line| line.rsplit("/work/tally").next().unwrap().trim()).collect();
    assert_eq!(ends, ["another  one chat", "one chat"]);
}

#[test]
fn list_is_about_this_directory() {
    let home = Home::with(&["0.47", "0.80"]);
    let work = home.work().canonicalize().unwrap();
    let fixture = Fixture::named("0.47");
    let text = String::from_utf8(fixture.bytes).unwrap().replace("/srv/labA/w", work.to_str().unwrap());
    home.put(&fixture.name, text.as_bytes());
    home.ok("init -q");
    let listed = home.ok("list --json").json();
    assert_eq!((listed.len(), listed[0]["session"].as_str()), (1, Some(CC)));
    // And so is the current session, though the other one is newer.
    assert_eq!(home.ok("log --json").json()[0]["session"], CC);
    assert_eq!(home.ok("log --json @~1").json()[0]["turn"], 5);
}

#[test]
fn the_current_session_may_be_compressed() {
    let (home, fixture) = (Home::empty(), Fixture::named("0.47"));
    home.put(&format!("{}.zst", fixture.name), &zstd::encode_all(&fixture.bytes[..], 3).unwrap());
    home.ok("init -q");
    assert_eq!(home.ok("log --json @").json()[0]["session"], CC);
}

#[test]
fn sessions_of_other_sessions_are_listed_on_request() {
    let home = Home::with(&["0.47", "0.169-agent"]);
    home.ok("init -q");
    assert_eq!(home.ok("list --all --json").json().len(), 1);
    let all = home.ok("list --all --subagents --json").json();
    assert_eq!((all.len(), all[0]["source"].as_str()), (2, Some("subagent")));
    assert!(all[0]["parent"].is_string());
}

#[test]
fn log_shows_turns_newest_first_with_saves_and_forks() {
    let home = home();
    home.ok(&format!("save alpha {CC}~1"));
    let fork = home.ok("fork alpha").stdout.trim().to_owned();
    assert_eq!(
        home.ok(&format!("log --date iso {CC}")).plain(),
        "6 sixth plain still open 15 mock-model 01a20577-cc6c 2026-11-22T22:55:14Z\n\
         5 fifth aborted [[hang:60]] [alpha] interrupted ⑂ mock-model 2026-11-22T22:55:13Z\n\
         4 fourth plain 15 mock-model 2026-11-22T22:55:09Z\n\
         3 third errors [[http:500]] mock-model 2026-11-22T22:55:09Z\n\
         2 second with tools [[shell:echo tool-out-$((6*7)); seq 1 50]] [[shell:ex… 45 mock-model 2026-11-22T22:55:08Z\n\
         1 first plain turn 15 mock-model 2026-11-22T22:54:26Z"
    );
    let json = home.ok(&format!("log --json -n 2 {CC}")).json();
    assert_eq!(json.len(), 2);
    assert_eq!(json[1]["saves"], serde_json::json!(["alpha"]));
    assert_eq!(json[1]["forks"], serde_json::json!([fork]));
    assert_eq!((json[1]["status"].as_str(), json[1]["kind"].as_str()), (Some("aborted:interrupted"), Some("prompt")));
    // The fork's own log goes on into the session that it is a fork of.
    assert_eq!(home.ok(&format!("log --json {fork}")).json().len(), 5);
}

#[test]
fn show_reads_like_the_conversation() {
    let home = home();
    let shown = home.ok(&format!("show --turn 2 {CC}")).stdout;
    assert!(shown.starts_with("── 2 ── mock-model · "), "{shown}");
    assert!(
        shown.contains("\n› second with tools") && shown.contains("\n$ exit 3  refused\n    failed in sandbox:\n"),
        "{shown}"
    );
    assert!(
        shown.contains("\n$ echo tool-out-$((6*7)); seq 1 50  0.1 s\n    tool-out-42\n")
            && shown.contains("\n    … 47 more lines\n")
    );
    assert!(shown.ends_with("\n  reply 38 to: second with tools\n"), "{shown}");
    assert!(!shown.contains("thinking hard\n\n$"));
    assert!(home.ok(&format!("show --full --turn 2 {CC}")).stdout.contains("\n~ thinking hard\n"));
}

#[test]
fn show_tells_programs_who_said_what() {
    let home = home();
    let all = home.ok(&format!("show --json {CC}~1")).json();
    assert_eq!(all.iter().map(|item| item["turn"].as_u64().unwrap()).max(), Some(5));
    assert_eq!(
        (&all[0]["turn"], &all[0]["role"], &all[0]["text"]),
        (&1.into(), &"user".into(), &"first plain turn".into())
    );
    let second: Vec<_> = all.iter().filter(|item| item["turn"] == 2).collect();
    let call = second.iter().find(|item| item["command"] == "exit 3").unwrap();
    assert_eq!(
        (&call["role"], &call["text"], &call["command"]),
        (&"tool".into(), &"shell: exit 3".into(), &"exit 3".into())
    );
    let (call, output) = second.iter().zip(&second[1..]).find(|(_, next)| next["role"] == "output").unwrap();
    assert!(call["id"].is_string() && call["id"] == output["id"], "{call} {output}");
}

#[test]
fn a_save_names_the_running_turn_too() {
    let home = home();
    let told = home.ok(&format!("save alpha {CC}"));
    assert_eq!(
        (told.stdout.as_str(), told.stderr.as_str()),
        ("", "saved alpha: turn 6 of 01a20577-cc6c sixth plain\n")
    );
    let save = &home.ok("saves --json").json()[0];
    let keys: Vec<_> = save.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "name",
        "session",
        "note",
        "conversationId",
        "rolloutPath",
        "cwd",
        "model",
        "modelProvider",
        "savedAt",
        "createdAt",
        "turn",
        "commit",
    ];
    assert_eq!(keys, expected);
    assert_eq!(save["conversationId"], CC);
    assert_eq!(save["rolloutPath"].as_str(), home.place(&Fixture::named("0.47").name).to_str());
    assert_eq!((save["turn"].as_u64(), save["createdAt"].as_str()), (Some(6), Some("2026-11-22T22:54:26Z")));
    assert_eq!(home.ok("saves").plain(), "alpha AGE 01a20577-cc6c turn 6 /srv/labA/w sixth plain");
    assert!(
        home.git("cat-file tag alpha")
            .contains(&format!("Codex-Save: alpha\nCodex-Session: {CC}\nCodex-Turn: 6\nCodex-Rollout-Path: "))
    );
}

#[test]
fn a_name_is_trimmed_and_spaces_are_told() {
    let home = home();
    let ran = home.run(["save", "  my  first save ", CC]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.starts_with("the name is `my-first-save`: spaces became `-`\nsaved my-first-save:"),
        "{}",
        ran.stderr
    );
    assert_eq!(home.run(["save", " plain ", CC]).stderr, "saved plain: turn 6 of 01a20577-cc6c sixth plain\n");
}

#[test]
fn names_that_git_can_not_take_are_refused_with_the_reason() {
    let home = home();
    for (name, reason) in [
        ("a..b", "`..`"),
        ("-x", "starts with `-`"),
        ("a.lock", "ends with `.lock`"),
        ("a\u{1b}[2J", "`\\u{1b}`"),
        ("HEAD", "means something else"),
    ] {
        let ran = home.run(["save", "--", name, CC]);
        assert!(ran.code == 1 && ran.stderr.contains(reason), "{name}: {}", ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}'));
    }
    let ran = home.run(["save", "  "]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: a save needs a name\nhint: codex-git save NAME [REVISION]\n")
    );
    assert_eq!(home.run(["save"]).code, 2);
    home.ok(&format!("save a {CC}"));
    let ran = home.run(["save", "a/b", CC]);
    assert!(ran.code == 1 && ran.stderr.contains("`a` exists, and git can't hold both"), "{}", ran.stderr);
    assert_eq!(home.ok("saves --json").json().len(), 1);
}

#[test]
fn every_name_that_is_taken_is_one_that_git_takes() {
    let home = home();
    for name in ["alpha", "größe", "漢字", "a/b/c", "v1.2", "a@b", "x'y\"z", "$(touch,x)", "a;b", "{}", "-"] {
        let ran = home.run(["save", "--", name, CC]);
        let git = std::process::Command::new("git")
            .args(["check-ref-format", &format!("refs/tags/{name}")])
            .status()
            .unwrap();
        assert_eq!(ran.code == 0, git.success() && !name.starts_with('-'), "{name}: {}", ran.stderr);
    }
    home.ok("verify");
    assert!(!home.work().join("x").exists());
}

#[test]
fn the_same_name_again_moves_and_says_from_where() {
    let home = home();
    home.ok(&format!("save alpha {CC}~3"));
    let first = home.git("rev-parse alpha");
    let told = home.ok(&format!("save alpha {D0}")).stderr;
    assert!(
        told.starts_with("saved alpha: turn 6 of 01a20577-d060 sixth plain\n  moved from turn 3 of 01a20577-cc6c "),
        "{told}"
    );
    assert_eq!(home.ok("saves --json").json().len(), 1);
    assert_eq!(home.git("rev-parse alpha@{1}"), first);
    assert_eq!(home.ok("log --json alpha@{1}").json()[0]["turn"], 3);
    // One session may have many names.
    home.ok(&format!("save beta {D0}"));
    assert_eq!(home.ok("saves --json").json().len(), 2);
}

#[test]
fn a_save_can_be_deleted_and_brought_back() {
    let home = home();
    home.ok(&format!("save alpha {CC}~1 -m noted"));
    let tag = home.git("rev-parse alpha^{commit}");
    assert!(home.ok("save --delete --dry-run alpha").stderr.starts_with("would have deleted the save alpha"));
    let told = home.ok("save --delete alpha").stderr;
    let undo = told.lines().find_map(|line| line.strip_prefix("to undo: codex-git ")).unwrap().to_owned();
    assert_eq!(home.ok("saves --json").stdout, "");
    home.ok(&undo);
    assert_eq!(home.git("rev-parse alpha^{commit}"), tag);
    assert_eq!(home.ok("saves --json").json()[0]["note"], "noted");
    let ran = home.run(["save", "--delete", "alhpa"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (1, "error: there is no save `alhpa`\nhint: codex-git save --delete alpha\n")
    );
}

/// Lines without the messages before an end marker that `migrate-rollouts` made up: they are the next turn's.
fn without_next_prompt(bytes: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    let end = lines.pop().unwrap();
    if text(end).contains("\"task_complete\"") && text(end).contains("\"turn_id\":\"rollout-") {
        while lines.last().is_some_and(|line| {
            text(line).contains("\"payload\":{\"type\":\"message\"") && !text(line).contains("\"role\":\"assistant\"")
        }) {
            lines.pop();
        }
    }
    lines.push(end);
    lines.concat()
}

#[test]
fn a_fork_has_the_source_s_bytes_with_its_own_first_line() {
    for case in Fixture::all() {
        let fixture = Fixture::named(&case);
        let home = Home::with(&[&case]);
        // Codex has the provider of these sessions.
        fs::write(home.path().join("config.toml"), "[model_providers.mock]\n").unwrap();
        home.ok("init -q");
        let mut from = fixture.bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        if case == "0.20" || case == "0.28" {
            let ran = home.run(["fork", &fixture.id()]);
            assert!(ran.code == 1 && ran.stderr.contains("written by a Codex before 0.34"), "{}", ran.stderr);
            continue;
        }
        let first_line = from;
        for (turn, expected) in fixture.turns.iter().enumerate() {
            let id = home.ok(&format!("fork {} --turn {}", fixture.id(), turn + 1)).stdout.trim().to_owned();
            from = expected["end"].as_u64().unwrap() as usize;
            let path = rollout_of(&home, &id);
            let bytes = fs::read(&path).unwrap();
            let own = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let expected = without_next_prompt(&fixture.bytes[first_line..from]);
            assert!(bytes[own..] == expected, "{case} turn {}", turn + 1);
            let meta: serde_json::Value = serde_json::from_slice(&bytes[..own]).unwrap();
            assert_eq!(meta["type"], "session_meta");
            let payload = &meta["payload"];
            assert_eq!(
                (payload["id"].as_str(), payload["forked_from_id"].as_str()),
                (Some(&*id), Some(&*fixture.id()))
            );
            assert_eq!(payload["source"], "cli");
            assert!(payload["session_id"].is_null() || payload["session_id"] == id.as_str());
        }
        assert_eq!(fs::read(home.place(&fixture.name)).unwrap(), fixture.bytes, "the source is as it was");
        home.ok("verify");
    }
}

#[test]
fn a_fork_is_a_branch_from_the_forked_commit() {
    let home = home();
    let ran = home.ok(&format!("fork {CC}~2 --name beta"));
    let id = ran.stdout.trim().to_owned();
    assert_eq!(ran.stdout.len(), 37);
    assert!(ran.stderr.contains(&format!("forked {CC}~2: turn 4 of 01a20577-cc6c fourth plain\nsaved its first point as beta\ncontinue it with: codex resume {id}\n")), "{}", ran.stderr);
    assert_eq!(home.git(&format!("rev-parse {id}^")), home.git(&format!("rev-parse {CC}~1")));
    assert_eq!(home.git(&format!("diff --name-only {id}^ {id}")), "0000-meta.jsonl\n");
    assert_eq!(home.git("rev-parse beta^{commit}"), home.git(&format!("rev-parse {id}")));
    // A fork of the fork, and of a turn that it inherited.
    let again = home.ok("fork beta").stdout.trim().to_owned();
    assert_eq!(home.git(&format!("rev-parse {again}^")), home.git(&format!("rev-parse {id}")));
    let inherited = home.ok("fork beta --turn 2").stdout.trim().to_owned();
    assert_eq!(home.git(&format!("rev-parse {inherited}^")), home.git(&format!("rev-parse {CC}~3")));
}

#[test]
fn a_fork_includes_the_running_turn() {
    let home = home();
    let id = home.ok(&format!("fork {CC}")).stdout.trim().to_owned();
    assert_eq!(home.ok(&format!("log --json {id}")).json()[0]["prompt"], "sixth plain");
    assert_eq!(home.git(&format!("rev-parse {id}^")), home.git(&format!("rev-parse {CC}")));
    assert!(home.refs().contains(&format!("refs/open/{id}")));
}

#[test]
fn forks_recorded_elsewhere_have_the_same_commits() {
    // So few sessions are recorded one by one, so many through packs, by several threads.
    for cases in [vec!["0.47".to_owned(), "0.80".to_owned()], Fixture::all()] {
        let home = Home::with(&cases.iter().map(String::as_str).collect::<Vec<_>>());
        home.ok("init -q");
        home.ok(&format!("save alpha {CC}~2"));
        let mut fork = home.ok("fork alpha").stdout.trim().to_owned();
        for turn in [4, 3, 3, 2] {
            fork = home.ok(&format!("fork {fork} --turn {turn}")).stdout.trim().to_owned();
        }
        home.ok(&format!("fork {D0}"));
        let elsewhere = Home::empty();
        copy(&home.path().join("sessions"), &elsewhere.path().join("sessions"));
        elsewhere.ok("init -q");
        assert_eq!(elsewhere.refs(), home.refs());
        elsewhere.ok("verify");
    }
}

#[test]
fn a_fork_works_when_the_source_is_gone() {
    let home = home();
    home.ok(&format!("save alpha {CC}~1"));
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    let id = home.ok("fork alpha").stdout.trim().to_owned();
    assert!(rollout_of(&home, &id).exists());
    assert_eq!(home.ok("list --all --json").json().iter().filter(|session| session["place"] == "store").count(), 2);
}

#[test]
fn revisions_mean_what_git_would_take_them_to_mean() {
    let home = home();
    home.ok(&format!("save alpha {CC}"));
    let turn = |revision: &str| {
        let entry = &home.ok(&format!("log --json {revision}")).json()[0];
        (entry["session"].as_str().unwrap()[..13].to_owned(), entry["turn"].as_u64().unwrap())
    };
    let (cc, d0) = ("01a20577-cc6c".to_owned(), "01a20577-d060".to_owned());
    let commit = home.git("rev-parse alpha~2");
    for (revision, expected) in [
        ("alpha", (cc.clone(), 6)),
        ("alpha~1", (cc.clone(), 5)),
        ("alpha^^", (cc.clone(), 4)),
        ("01a20577-c", (cc.clone(), 6)),
        ("01a20577-c~3", (cc.clone(), 3)),
        (CC, (cc.clone(), 6)),
        (commit.trim(), (cc.clone(), 4)),
        (&commit[..9], (cc.clone(), 4)),
        ("alpha@{0}", (cc, 6)),
        (D0, (d0, 6)),
    ] {
        assert_eq!(turn(revision), expected, "{revision}");
    }
    let current = |revision: &str| {
        let ran = crate::support::ran(
            home.command().env("CODEX_THREAD_ID", D0).args(["log", "--json", revision]).output().unwrap(),
        );
        ran.json()[0]["turn"].as_u64().unwrap()
    };
    assert_eq!((current("@"), current("~1"), current("@~2"), current("2")), (6, 5, 4, 2));
}

#[test]
fn what_means_nothing_gets_a_hint() {
    let home = home();
    home.ok(&format!("save alpha {CC}"));
    for verb in ["fork", "resume", "log", "show"] {
        let ran = home.run([verb, "alpah"]);
        assert_eq!(ran.code, 1);
        assert_eq!(
            ran.stderr,
            "error: no saved session or rollout found for `alpah`\nhint: did you mean `alpha`? All names: codex-git saves\n",
            "{verb}"
        );
    }
    let ran = home.run(["fork", "nothing like it"]);
    assert!(ran.stderr.ends_with("hint: codex-git list --all  # all sessions, with the names on them\n"));
    let ran = home.run(["log", "01a20577"]);
    assert!(
        ran.stderr
            .starts_with("error: `01a20577` is the beginning of 2 session ids\nhint: type more of it: 01a20577-cc6c-"),
        "{}",
        ran.stderr
    );
    let ran = home.run(["fork", CC, "--turn", "99"]);
    assert_eq!(
        ran.stderr,
        format!("error: session {CC} has no turn 99: its last is turn 6\nhint: codex-git log 01a20577-cc6c\n")
    );
    assert_eq!(home.run(["fork", CC, "--turn", "0"]).code, 1);
    let ran = home.run(["log", "a\u{1b}[2Jb"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
}

#[test]
fn wrong_usage_ends_with_2() {
    let home = home();
    for words in ["", "frobnicate", "fork", "save a b c", "log --nope", "fork x --color sometimes", "fork x -- a"] {
        assert_eq!(home.run(words.split_whitespace()).code, 2, "{words}");
    }
    assert_eq!(home.run(["--help"]).code, 0);
    assert!(home.ok("--version").stdout.starts_with("codex-git "));
}

#[test]
fn plain_git_reads_the_store() {
    let home = home();
    home.ok(&format!("save alpha {CC}~3"));
    home.ok(&format!("save beta {CC}~1"));
    home.ok("fork alpha");
    assert_eq!(home.git(&format!("log --format=%s -n 2 {CC}")), "fifth aborted [[hang:60]]\nfourth plain\n");
    assert_eq!(home.git(&format!("log --format=%an -n 1 {CC}")), "mock-model\n");
    assert_eq!(home.git("describe beta^{commit}"), "beta\n");
    assert!(home.git(&format!("describe {CC}")).starts_with("beta"));
    assert!(home.git("diff alpha beta --stat").contains("0000/04.jsonl"));
    assert!(home.git("log --graph --all --oneline").contains("fork of 01a20577-cc6c"));
    assert!(home.git("log").starts_with("commit "), "HEAD is a session");
    assert!(home.git(&format!("show {CC}")).contains("Codex-Turn: 5"));
}

#[test]
fn git_shows_conversations_where_codex_git_is_at_hand() {
    let home = home();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_codex-git")).parent().unwrap().to_owned();
    let path =
        std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())))
            .unwrap();
    let show = |path: &std::ffi::OsStr| {
        let ran = std::process::Command::new("git")
            .arg("--git-dir")
            .arg(home.store())
            .args(["show", CC])
            .env("PATH", path)
            .output()
            .unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    let shown = show(&path);
    assert!(shown.contains("\n+› fifth aborted [[hang:60]]\n") && !shown.contains("+{\"timestamp\""), "{shown}");
    // Where it is gone, and none is on the path.
    home.lose_program();
    assert!(show(std::ffi::OsStr::new("/usr/local/bin:/usr/bin:/bin")).contains("+{\"timestamp\""));
}

#[test]
fn verify_names_what_is_wrong() {
    let damage: [(&str, &dyn Fn(&Home)); 4] = [
        ("is not laid out as a session", &|home| replace_tip(home, "100644 blob BLOB\tother.txt\n")),
        ("does not hold the turns that it says", &|home| replace_tip(home, "100644 blob BLOB\t0000-meta.jsonl\n")),
        ("is not a turn of a session", &|home| {
            let commit = home.git(&format!("commit-tree -m x {CC}^{{tree}}"));
            home.git(&format!("update-ref refs/heads/{CC} {}", commit.trim()));
        }),
        ("git fsck", &|home| {
            let blob = home.git(&format!("rev-parse {CC}:0000/02.jsonl"));
            let (folder, file) = blob.trim().split_at(2);
            fs::remove_file(home.store().join("objects").join(folder).join(file)).unwrap();
        }),
    ];
    for (expected, damage) in damage {
        let home = home();
        assert!(home.ok("verify").stderr.starts_with("all is well: 2 sessions, 10 turns, "));
        damage(&home);
        let ran = home.run(["verify"]);
        assert!(ran.code == 1 && ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
        assert!(!home.run(["verify", "--json"]).json().is_empty());
    }
}

/// Gives the session's tip another tree.
fn replace_tip(home: &Home, listing: &str) {
    use std::io::Write;
    let blob = home.git(&format!("rev-parse {CC}:0000-meta.jsonl"));
    let mut git = std::process::Command::new("git");
    git.arg("--git-dir")
        .arg(home.store())
        .arg("mktree")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = git.spawn().unwrap();
    child.stdin.take().unwrap().write_all(listing.replace("BLOB", blob.trim()).as_bytes()).unwrap();
    let tree = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let message = home.git(&format!("log -1 --format=%B {CC}"));
    let file = home.work().join("message");
    fs::write(&file, message).unwrap();
    let commit = home.git(&format!("commit-tree -p {CC}^ -F {} {}", file.display(), tree.trim()));
    home.git(&format!("update-ref refs/heads/{CC} {}", commit.trim()));
}

#[test]
fn text_from_a_rollout_steers_no_terminal() {
    let fixture = Fixture::named("0.47");
    let text = String::from_utf8(fixture.bytes)
        .unwrap()
        .replace("first plain turn", "\\u001b]0;evil\\u0007\\u001b[2Jfirst\\u202e");
    let home = Home::empty();
    home.put(&fixture.name, text.replace("/srv/labA/w", "/srv/\\u001b[31m").as_bytes());
    home.ok("init -q");
    home.ok(&format!("save alpha {CC}~5"));
    for words in ["list --all", "log alpha", "show alpha", "saves", "list --all --color always"] {
        let ran = home.ok(words);
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(shown.contains("first"), "{words}");
        assert!(
            !shown.contains("\u{1b}]")
                && !shown.contains("\u{1b}[2J")
                && !shown.contains("\u{1b}[31m/")
                && !shown.contains('\u{202e}'),
            "{words}: {shown:?}"
        );
    }
}

#[test]
fn colour_is_for_terminals_and_those_who_ask() {
    let home = home();
    assert!(!home.ok("list --all").stdout.contains('\u{1b}'));
    assert!(home.ok("list --all --color always").stdout.contains('\u{1b}'));
    let ran = crate::support::ran(home.command().args(["list", "--all"]).env("NO_COLOR", "1").output().unwrap());
    assert!(!ran.stdout.contains('\u{1b}'));
    let narrow = crate::support::ran(home.command().args(["list", "--all"]).env("COLUMNS", "30").output().unwrap());
    assert!(narrow.stdout.lines().all(|line| line.chars().count() <= 30), "{}", narrow.stdout);
    for (width, names_directories) in [("50", false), ("90", true)] {
        let list = crate::support::ran(home.command().args(["list", "--all"]).env("COLUMNS", width).output().unwrap());
        assert!(list.stdout.contains(" turn") && list.stdout.contains("first"), "{}", list.stdout);
        assert_eq!(list.stdout.contains("/srv"), names_directories, "{}", list.stdout);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = home();
    let mut child = home
        .command()
        .args(["show", CC])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn quiet_says_nothing_but_data() {
    let home = home();
    assert_eq!(home.ok(&format!("-q save alpha {CC}")).stderr, "");
    let ran = home.ok("-q fork alpha");
    assert_eq!((ran.stdout.len(), ran.stderr.as_str()), (37, ""));
}

#[test]
fn the_demo_shows_everything_and_leaves_nothing() {
    let home = Home::empty();
    let temp = home.work().join("tmp");
    fs::create_dir(&temp).unwrap();
    let ran = crate::support::ran(home.command().arg("demo").env("TMPDIR", &temp).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for command in [
        "init --quiet",
        "list --all",
        "log 01a20629-b2",
        "save before-argparse 01a20629-b2~1",
        "fork before-argparse",
        "show",
        "verify",
    ] {
        assert!(ran.stdout.contains(&format!("\n$ codex-git {command}")), "{command}");
    }
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("continue it with: codex resume") && !told.contains("Codex does not have"), "{told}");
    assert!(ran.stdout.contains("\n$ git --git-dir sessions.git log --oneline --graph --all\n* "));
    assert!(ran.stdout.trim_end().ends_with("codex-git fork NAME    start again from there"));
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    let kept = crate::support::ran(home.command().args(["demo", "--keep"]).env("TMPDIR", &temp).output().unwrap());
    assert!(kept.stderr.contains("the sample codex home: "));
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 1);
}

#[test]
fn every_shell_gets_completions_with_saves_and_sessions() {
    let home = home();
    home.ok(&format!("save alpha {CC}"));
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(home.ok(&format!("completions {shell}")).stdout.contains("codex-git"), "{shell}");
    }
    let complete = |words: &[&str]| {
        let mut command = home.command();
        command
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
            .env("_CLAP_COMPLETE_COMP_TYPE", "9");
        crate::support::ran(command.env("_CLAP_IFS", "\n").arg("--").args(words).output().unwrap()).stdout
    };
    assert!(complete(&["codex-git", "sav"]).contains("saves"));
    let offered = complete(&["codex-git", "fork", ""]);
    assert!(offered.contains("alpha") && offered.contains(CC), "{offered}");
    assert_eq!(complete(&["codex-git", "save", "--delete", "al"]), "alpha");
    // Without a store there is nothing to offer, and nothing to complain about.
    fs::remove_dir_all(home.store()).unwrap();
    assert!(!complete(&["codex-git", "fork", ""]).contains("alpha"));
}

#[test]
fn manual_pages_come_from_the_same_words() {
    let home = home();
    let folder = home.work().join("man1");
    home.ok(&format!("man {}", folder.display()));
    for page in ["codex-git.1", "codex-git-fork.1", "codex-git-save.1", "codex-git-verify.1"] {
        let text = fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    assert!(
        fs::read_to_string(folder.join("codex-git-fork.1"))
            .unwrap()
            .contains("Start a new session from a point of another")
    );
}

fn rollout_of(home: &Home, id: &str) -> std::path::PathBuf {
    let mut folders = vec![home.path().join("sessions")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(&format!("-{id}.jsonl")) {
                return path;
            }
        }
    }
    panic!("no rollout of {id}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}

#[test]
fn verbose_says_what_goes_on() {
    let home = Home::with(&["0.47", "0.80"]);
    for words in ["init", "record", "list", "save a", "log a", "show a", "verify", "gc", "doctor", "hooks"] {
        let ran = home.run(format!("{words} -vv").split(' '));
        assert!(ran.stderr.contains(" INFO ") && ran.code < 2, "{words}\n{}", ran.stderr);
    }
    let saved = home.run("save b a -v".split(' '));
    assert!(saved.stderr.contains("found what it means") && saved.stderr.contains("moves a ref"), "{}", saved.stderr);
    let foul = home.run(["list", "-v", "--store", "/no\u{1b}[31m\n INFO where"]);
    assert!(!foul.stderr.contains('\u{1b}') && !foul.stderr.contains("\n INFO where"), "{}", foul.stderr);
}
