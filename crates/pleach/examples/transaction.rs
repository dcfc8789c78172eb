//! Transfers between accounts: all of a transaction or nothing, and a whole branch at a time.

#![forbid(unsafe_code)]

use pleach::zipper::*;
use pleach::{PathConflict, PathMap};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a transaction was rolled back.
#[derive(Debug, PartialEq)]
enum Refused {
    Unknown(String),
    Short { account: String, by: i64 },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(account) => write!(f, "there is no account {account}"),
            Self::Short { account, by } => write!(f, "{account} is short by {by}"),
        }
    }
}

/// Adds to an account; the error may come when other accounts have been changed already.
fn add(bank: &mut impl ZipperWriting<i64>, account: &str, amount: i64) -> Result<(), Refused> {
    bank.move_to_path(account);
    let balance = bank
        .get_val_mut()
        .ok_or_else(|| Refused::Unknown(account.to_owned()))?;
    *balance += amount;
    match *balance {
        ..0 => Err(Refused::Short {
            account: account.to_owned(),
            by: -*balance,
        }),
        _ => Ok(()),
    }
}

/// Runs a transaction on a branch, which is left as it was if that fails.
///
/// The writer works on a draft. To give it up, its branch is replaced by what was there before, which
/// is moving a pointer: the commit that follows puts back the very same nodes.
fn transact(
    head: &ZipperHead<'_, i64>,
    branch: &str,
    transaction: impl FnOnce(&mut dyn FnMut(&str, i64) -> Result<(), Refused>) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut z = head.acquire_write(branch);
    let before = z.fork_read_zipper().make_map();
    let result = transaction(&mut |account, amount| add(&mut z, account, amount));
    if result.is_err() {
        z.reset();
        z.graft_map(before);
    }
    result
}

fn main() -> Result<(), PathConflict> {
    let mut bank = PathMap::from([("eu/ann", 100), ("eu/bob", 50), ("us/cy", 10)]);
    let snapshot = bank.clone();
    let head = bank.zipper_head();

    let done = transact(&head, "eu/", |add| {
        add("ann", -30)?;
        add("bob", 30)
    });
    assert_eq!(done, Ok(()));

    // The first half succeeds, the second does not: neither is there afterwards.
    for (from, to, amount) in [("ann", "bob", 500), ("bob", "dan", 20)] {
        let refused = transact(&head, "eu/", |add| {
            add(to, amount)?;
            add(from, -amount)
        });
        println!(
            "{from} to {to}, {amount}: {}",
            refused.expect_err("refused")
        );
    }

    // A panic is a rollback by itself: the draft is never committed.
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        transact(&head, "us/", |add| {
            add("cy", 1_000_000)?;
            panic!("the power fails (as it should in this example)");
        })
    }));
    assert!(panicked.is_err());
    assert!(
        head.write_zipper_at_exclusive_path("us/").is_ok(),
        "the branch is free again"
    );

    // A reader in the middle keeps writers out of its branch, and of no other.
    let audit = head.read_zipper_at_path("eu/")?;
    assert!(head.write_zipper_at_exclusive_path("eu/ann").is_err());
    head.write_zipper_at_exclusive_path("us/")?.set_val(0);
    println!("the audit finds {} accounts", audit.val_count());
    drop(audit);
    drop(head);

    let balances: Vec<_> = ["eu/ann", "eu/bob", "us/cy"]
        .map(|account| bank[account])
        .into();
    println!("balances: {balances:?}");
    assert_eq!(balances, [70, 80, 10]);
    assert_eq!(snapshot["eu/ann"], 100);
    Ok(())
}
