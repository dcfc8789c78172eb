//! Heads: many zippers on one map at a time, from any thread.
//!
//! | file | what it is |
//! |---|---|
//! | [`paths`] | a set of paths, asked by prefix |
//! | [`tracker`] | who holds a path, who waits for one, and whose turn it is: plain data |
//! | [`door`] | a tracker under a lock: taking a path at once, waiting on a thread or as a future |
//! | [`commit`] | changing a shared value under a lock that no code of the user's runs under |
//! | [`home`] | the committed trie under such a lock |
//! | [`borrowed`], [`owned`] | the two heads |
//! | [`acquire`] | the futures of zippers |
//!
//! A head has two locks, and no operation holds both. What zippers rely on:
//! - **H1** A writer commits before it gives its path back. So whoever takes the path next sees the
//!   commit in the trie.
//! - **H2** A zipper takes its path before it looks at the trie.
//! - **H3** No code of the values, and no waker, runs under either lock. The allocator does.
//!
//! Why it is so: `docs/decisions/0005-zipper-head.md`.

mod acquire;
mod borrowed;
#[allow(unreachable_pub, reason = "models see it")]
pub mod commit;
mod conflict;
#[allow(unreachable_pub, reason = "models see it")]
pub mod door;
mod home;
mod owned;
#[allow(unreachable_pub, reason = "models see it")]
pub mod paths;
mod tracker;

pub use acquire::{AcquireRead, AcquireWrite};
pub use borrowed::ZipperHead;
pub use conflict::PathConflict;
pub(crate) use door::Claim;
pub(crate) use home::Site;
pub use owned::ZipperHeadOwned;

use crate::raw::OwnPath;
use crate::zipper::{ReadZipperTracked, WriteZipperTracked, ZipperAbsolutePath};
use door::{Door, Entering, Handle};
use home::HomeOf;
use paths::Access;
use pleach_ptr::{Allocator, PtrKind};
use std::time::Duration;

/// A head as its zippers see it, whichever of the two it is.
pub(crate) struct Parts<'h, V, K: PtrKind, A: Allocator> {
    door: Handle<'h, Door>,
    home: HomeOf<'h, V, K, A>,
}

impl<'h, V, K, A> Parts<'h, V, K, A>
where
    V: Clone,
    K: PtrKind,
    A: Allocator + Clone,
{
    fn try_write(self, path: &[u8]) -> Result<WriteZipperTracked<'h, V, K, A>, PathConflict> {
        let claim = Door::try_enter(self.door.clone(), path, Access::Write)?;
        Ok(self.write(path, Some(claim)))
    }

    fn try_read(self, path: &[u8]) -> Result<ReadZipperTracked<'h, V, K, A>, PathConflict> {
        let claim = Door::try_enter(self.door.clone(), path, Access::Read)?;
        Ok(self.read(path, Some(claim)))
    }

    fn wait_to_write(self, path: &[u8]) -> WriteZipperTracked<'h, V, K, A> {
        let claim = self.enter(path, Access::Write).wait();
        self.write(path, Some(claim))
    }

    fn wait_to_read(self, path: &[u8]) -> ReadZipperTracked<'h, V, K, A> {
        let claim = self.enter(path, Access::Read).wait();
        self.read(path, Some(claim))
    }

    fn wait_to_write_for(
        self,
        path: &[u8],
        limit: Duration,
    ) -> Result<WriteZipperTracked<'h, V, K, A>, PathConflict> {
        let claim = self.enter(path, Access::Write).wait_for(limit)?;
        Ok(self.write(path, Some(claim)))
    }

    fn wait_to_read_for(
        self,
        path: &[u8],
        limit: Duration,
    ) -> Result<ReadZipperTracked<'h, V, K, A>, PathConflict> {
        let claim = self.enter(path, Access::Read).wait_for(limit)?;
        Ok(self.read(path, Some(claim)))
    }

    fn enter(&self, path: &[u8], access: Access) -> Entering<'h> {
        Door::enter(self.door.clone(), path, access)
    }

    /// A writer at `path`, on a draft of what is there.
    fn write(self, path: &[u8], claim: Option<Claim<'h>>) -> WriteZipperTracked<'h, V, K, A> {
        let path = self.whole(path);
        WriteZipperTracked::new(claim, Site::new(self.home, path))
    }

    /// A reader at `path`, of the trie as it is now.
    fn read(self, path: &[u8], claim: Option<Claim<'h>>) -> ReadZipperTracked<'h, V, K, A> {
        ReadZipperTracked::new(claim, self.home.snapshot(), &self.whole(path))
    }

    /// Commits, gives the path back, and prunes it.
    fn clean_up(self, zipper: WriteZipperTracked<'_, V, K, A>) {
        let path = zipper.root_prefix_path().to_vec();
        drop(zipper);
        drop(self.home.prune(&path, self.door.root().len()));
    }

    /// The path from the trie's root.
    fn whole(&self, path: &[u8]) -> OwnPath {
        let mut whole = OwnPath::from_slice(self.door.root());
        whole.extend_from_slice(path);
        whole
    }
}
