//! Undo and redo by snapshots: each version is a whole map, and all of them share what is the same.

#![forbid(unsafe_code)]

use pleach::PathMap;

/// A map with its past and what has been undone.
#[derive(Default)]
struct History {
    now: PathMap<String>,
    past: Vec<PathMap<String>>,
    undone: Vec<PathMap<String>>,
}

impl History {
    /// Makes a change that can be undone.
    fn change(&mut self, change: impl FnOnce(&mut PathMap<String>)) {
        self.past.push(self.now.clone());
        self.undone.clear();
        change(&mut self.now);
    }

    /// Goes back by one change; false if there is none.
    fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else {
            return false;
        };
        self.undone.push(std::mem::replace(&mut self.now, before));
        true
    }

    /// Makes the change again that was undone last; false if there is none.
    fn redo(&mut self) -> bool {
        let Some(after) = self.undone.pop() else {
            return false;
        };
        self.past.push(std::mem::replace(&mut self.now, after));
        true
    }
}

fn show(title: &str, map: &PathMap<String>) {
    println!("{title}");
    for (path, text) in map {
        println!("    {}: {text}", String::from_utf8_lossy(&path));
    }
}

fn main() {
    let mut history = History::default();
    history.change(|files| {
        files.insert("notes/today", "buy tea".to_owned());
        files.insert("notes/later", "learn tries".to_owned());
        files.insert("todo", "nothing".to_owned());
    });
    history.change(|files| {
        files.insert("notes/today", "buy tea and milk".to_owned());
    });
    history.change(|files| {
        files.remove_prefix("notes/");
    });
    show("after three changes", &history.now);
    assert_eq!(history.now.len(), 1);

    assert!(history.undo());
    show("the last one undone", &history.now);
    assert_eq!(
        history.now.get("notes/today").map(String::as_str),
        Some("buy tea and milk")
    );

    assert!(history.undo() && history.undo() && !history.undo());
    assert!(history.now.is_empty());

    assert!(history.redo());
    show("the first one again", &history.now);
    assert_eq!(
        history.now.get("notes/today").map(String::as_str),
        Some("buy tea")
    );

    // A new change forgets what was undone.
    history.change(|files| files.clear());
    assert!(!history.redo() && history.undo());
    assert_eq!(history.now.len(), 3);

    // A thousand versions of a thousand keys are no million keys: they differ in one leaf each.
    let mut ledger = History::default();
    ledger.change(|accounts| {
        for i in 0..1_000 {
            accounts.insert(format!("account/{i:03}"), "0".to_owned());
        }
    });
    for i in 0..1_000 {
        ledger.change(|accounts| {
            accounts.insert(format!("account/{i:03}"), "1".to_owned());
        });
    }
    let ones = |map: &PathMap<String>| map.values().filter(|value| *value == "1").count();
    let versions = ledger.past.iter().skip(1);
    assert!(versions.enumerate().all(|(i, version)| ones(version) == i));
    println!("{} versions kept", ledger.past.len());
}
