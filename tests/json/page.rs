//! The tables of `docs/json.md`: which command prints which entry of the schema, and with which keys.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../docs/json.md");

/// What stands for values, and names no key.
const VALUES: [&str; 3] = ["null", "true", "false"];

pub struct Row {
    /// The command, or the kind of an item.
    pub of: String,
    pub entries: Vec<String>,
    /// The keys that it names.
    pub keys: BTreeSet<String>,
    /// The commands whose keys it has, too.
    pub those_of: Vec<String>,
    /// All names and words in its list of keys.
    pub words: Vec<String>,
}

/// The rows of the commands, then those of the items.
pub fn rows() -> [Vec<Row>; 2] {
    let (commands, items) = PAGE.split_once("\n## Items\n").unwrap();
    let of_items = |cells: Vec<&'static str>| {
        let entry = format!("item-{}", ticked(cells[0])[0]);
        let mut row = Row::new(cells[0], vec![entry], cells[2]);
        row.those_of.push("show".to_owned());
        row
    };
    let of_commands = |cells: Vec<&'static str>| {
        // `item-KIND` stands for the entries of the second table.
        let entries = ticked(cells[2]).into_iter().filter(|entry| *entry != "item-KIND");
        Row::new(cells[0], entries.map(str::to_owned).collect(), cells[3])
    };
    [cells(commands, 4).map(of_commands).collect(), cells(items, 3).map(of_items).collect()]
}

/// Everything that stands in ticks.
pub fn named() -> BTreeSet<&'static str> {
    ticked(PAGE).into_iter().collect()
}

impl Row {
    fn new(of: &str, entries: Vec<String>, list: &str) -> Self {
        let bare = without_remarks(list).replace("those of `", "`@");
        let words = ticked(&bare).into_iter().filter(|word| !word.starts_with("--") && !VALUES.contains(word));
        let (those_of, keys): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('@'));
        Self {
            of: of.to_owned(),
            entries,
            keys: keys.into_iter().map(str::to_owned).collect(),
            those_of: those_of.into_iter().map(|word| word[1..].to_owned()).collect(),
            words: ticked(list).into_iter().filter(|word| !VALUES.contains(word)).map(str::to_owned).collect(),
        }
    }
}

/// The cells of each row of a table with so many columns.
fn cells(text: &'static str, columns: usize) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `kind` |"));
    rows.map(move |line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), columns, "{line}");
        cells
    })
}

/// What stands in ticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A text without what stands in brackets.
fn without_remarks(text: &str) -> String {
    let mut depth = 0;
    let is_outside = |c: &char| {
        let was = depth;
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        was == 0 && depth == 0
    };
    text.chars().filter(is_outside).collect()
}
