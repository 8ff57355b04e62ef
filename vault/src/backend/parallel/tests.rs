#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use bygone_common::Id;

use super::*;
use crate::backend::faulty::{Call, Fault, Faulty, Operation};

/// Storage in memory whose pack writes wait at a gate, and which sees whether the order is kept.
#[derive(Debug, Default)]
struct Model {
    state: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inside {
    files: BTreeMap<FileId, Vec<u8>>,
    /// Pack writes that may still pass the gate.
    passes: usize,
    /// Pack writes at the gate.
    waiting: usize,
    waiting_max: usize,
    /// Packs that the test has had accepted.
    accepted: usize,
    packs: usize,
}

impl Model {
    fn let_pass(&self, passes: usize) {
        self.state.lock().passes += passes;
        self.changed.notify_all();
    }

    fn wait_until(&self, condition: impl Fn(&Inside) -> bool) {
        let mut state = self.state.lock();
        while !condition(&state) {
            self.changed.wait(&mut state);
        }
    }

    /// What every call but a pack's must find.
    fn assert_nothing_is_missing(&self) {
        let state = self.state.lock();
        assert_eq!(state.packs, state.accepted, "a file that may name packs came before one of them");
    }
}

impl Backend for Model {
    fn location(&self) -> String {
        "model".to_owned()
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.assert_nothing_is_missing();
        let state = self.state.lock();
        let files = state.files.iter().filter(|(file, _)| file.kind == kind);
        Ok(files.map(|(file, content)| Listed { id: file.id, size: content.len() as u64 }).collect())
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let state = self.state.lock();
        state.files.get(&file).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("read {file}")))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&self.read(file)?[start..start + buffer.len()]);
        Ok(())
    }
}

impl Storage for Model {
    fn create(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        if file.kind != FileKind::Pack {
            self.assert_nothing_is_missing();
            self.state.lock().files.insert(file, content.to_vec());
            return Ok(());
        }
        let mut state = self.state.lock();
        state.waiting += 1;
        state.waiting_max = state.waiting_max.max(state.waiting);
        self.changed.notify_all();
        while state.passes == 0 {
            self.changed.wait(&mut state);
        }
        state.passes -= 1;
        state.waiting -= 1;
        state.packs += 1;
        state.files.insert(file, content.to_vec());
        self.changed.notify_all();
        Ok(())
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.assert_nothing_is_missing();
        self.state.lock().files.remove(&file);
        Ok(())
    }
}

fn file(kind: FileKind, number: u8) -> FileId {
    FileId::new(kind, Id::new([number; 32]))
}

fn pack(number: u8) -> FileId {
    file(FileKind::Pack, number)
}

fn bytes(count: usize) -> Content {
    vec![7; count].into()
}

struct Rig {
    model: Arc<Model>,
    uploads: ParallelUploads,
}

fn rig(threads: usize, bytes_max: u64) -> Rig {
    let model = Arc::new(Model::default());
    Rig { uploads: ParallelUploads::start(Arc::clone(&model) as SharedStorage, threads, bytes_max).unwrap(), model }
}

impl Rig {
    fn accept(&self, number: u8, count: usize) {
        self.model.state.lock().accepted += 1;
        self.model.changed.notify_all();
        self.uploads.write(pack(number), &bytes(count)).unwrap();
    }
}

#[test]
fn packs_are_written_at_once_by_so_many_threads_and_no_more() {
    let rig = rig(3, 1000);
    for number in 0..10 {
        rig.accept(number, 10);
    }
    rig.model.wait_until(|inside| inside.waiting == 3);
    rig.model.let_pass(10);
    rig.uploads.finish().unwrap();
    let inside = rig.model.state.lock();
    assert_eq!((inside.files.len(), inside.waiting_max), (10, 3));
}

#[test]
fn everything_else_waits_for_the_packs_before_it() {
    let rig = rig(4, 1000);
    let snapshot = file(FileKind::Snapshot, 1);
    let calls: [fn(&ParallelUploads) -> Result<()>; 6] = [
        |uploads| uploads.write(file(FileKind::Index, 1), &bytes(1)),
        |uploads| uploads.write(file(FileKind::Snapshot, 1), &bytes(1)),
        |uploads| uploads.write(FileId::CONFIG, &bytes(1)),
        |uploads| uploads.remove(pack(1)),
        |uploads| uploads.list(FileKind::Pack).map(drop),
        ParallelUploads::finish,
    ];
    for (number, call) in (10..).zip(calls) {
        for other in 0..4 {
            rig.accept(number * 4 + other, 1);
        }
        rig.model.wait_until(|inside| inside.waiting == 4);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| call(&rig.uploads));
            // Each of the four in turn, so that it would be seen to come after three.
            for left in (0..4).rev() {
                rig.model.let_pass(1);
                rig.model.wait_until(|inside| inside.waiting == left);
            }
            waiting.join().expect("the model saw the order broken").unwrap();
        });
    }
    assert_eq!(rig.model.read(snapshot).unwrap(), [7]);
}

#[test]
fn the_bytes_in_memory_are_bounded_and_a_pack_beyond_the_bound_goes_alone() {
    let rig = rig(8, 100);
    rig.accept(1, 60);
    rig.accept(2, 40);
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            rig.accept(3, 500);
            done.store(1, Ordering::SeqCst);
        });
        rig.model.wait_until(|inside| inside.accepted == 3 && inside.waiting == 2);
        assert_eq!(done.load(Ordering::SeqCst), 0, "100 bytes are under way");
        rig.model.let_pass(1);
        rig.model.wait_until(|inside| inside.packs == 1);
        assert_eq!(done.load(Ordering::SeqCst), 0, "it goes alone");
        rig.model.let_pass(1);
    });
    assert_eq!(rig.uploads.shared.state.lock().bytes, 500);
    rig.model.let_pass(1);
    rig.uploads.finish().unwrap();
    assert_eq!(rig.uploads.shared.state.lock().bytes, 0);
    assert_eq!(rig.model.read(pack(3)).unwrap().len(), 500);
}

#[test]
fn a_pack_under_way_is_read_once_it_is_there() {
    let rig = rig(1, 100);
    rig.accept(1, 5);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| rig.uploads.read(pack(1)).unwrap());
        rig.model.let_pass(1);
        assert_eq!(reader.join().unwrap(), [7; 5]);
    });
    let mut part = [0; 2];
    rig.uploads.read_at(pack(1), 1, &mut part).unwrap();
    assert_eq!(part, [7; 2]);
}

/// Uploads whose pack writes meet `fault` from the second on; all pass the gate.
fn failing(fault: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> (Arc<Model>, ParallelUploads) {
    let model = Arc::new(Model::default());
    model.let_pass(1000);
    let faulty = Arc::new(Faulty::new(Arc::clone(&model) as SharedStorage, fault));
    (model, ParallelUploads::start(faulty, 2, 1000).unwrap())
}

#[test]
fn the_first_pack_that_fails_fails_everything_after_it() {
    let (model, uploads) = failing(|call| {
        matches!(call.operation, Operation::Write { file, .. } if file == pack(2))
            .then_some(Fault::Fail(ErrorKind::NoSpace))
    });
    uploads.write(pack(1), &bytes(1)).unwrap();
    uploads.finish().unwrap();
    uploads.write(pack(2), &bytes(1)).unwrap();
    let first = uploads.write(file(FileKind::Index, 1), &bytes(1)).unwrap_err();
    for error in [
        uploads.finish().unwrap_err(),
        uploads.write(pack(3), &bytes(1)).unwrap_err(),
        uploads.write(file(FileKind::Snapshot, 1), &bytes(1)).unwrap_err(),
        uploads.remove(pack(1)).unwrap_err(),
        uploads.list(FileKind::Pack).unwrap_err(),
        uploads.read(pack(2)).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.chain()), (ErrorKind::NoSpace, first.chain()));
    }
    assert_eq!(model.state.lock().files.keys().collect::<Vec<_>>(), [&pack(1)], "no index, no snapshot");
}

#[test]
fn a_writer_that_waits_for_room_hears_of_the_failure() {
    let (_, uploads) = failing(|call| call.operation.changes().then_some(Fault::Fail(ErrorKind::Cancelled)));
    let error = (0..200).find_map(|number| uploads.write(pack(number), &bytes(600)).err()).expect("a failure");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_storage_that_panics_is_a_storage_that_fails() {
    let (_, uploads) = failing(|_| panic!("on purpose"));
    uploads.write(pack(1), &bytes(1)).unwrap();
    let error = uploads.finish().unwrap_err();
    assert!(error.chain().contains("on purpose"), "{}", error.chain());
}

#[test]
fn dropping_waits_for_what_is_under_way_and_leaves_the_rest() {
    let rig = rig(1, 1000);
    for number in 0..5 {
        rig.accept(number, 1);
    }
    rig.model.wait_until(|inside| inside.waiting == 1);
    let Rig { model, uploads } = rig;
    // What the drop does first.
    uploads.shared.close();
    model.let_pass(1000);
    drop(uploads);
    assert_eq!(model.state.lock().packs, 1);
    assert_eq!(Arc::strong_count(&model), 1, "no thread is left");
}
