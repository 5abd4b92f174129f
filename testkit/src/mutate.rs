use fastrand::Rng;

/// Values that break arithmetic: zero, one, sign and carry boundaries, a header's size.
const NASTY: [u32; 14] =
    [0, 1, 15, 16, 40, 52, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff];

/// Random damage to a file, from a seed.
#[derive(Debug)]
pub struct Mutator {
    rng: Rng,
}

impl Mutator {
    /// Prints the seed, with which a failure can be repeated.
    pub fn new(what: &str, seed: u64) -> Self {
        eprintln!("{what}: seed {seed:#x}");
        Self { rng: Rng::with_seed(seed) }
    }

    /// The generator itself, for cases made from scratch.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Damages a copy of `file` in one to four places, half of the time within its first `header` bytes.
    pub fn mutate(&mut self, file: &[u8], header: usize) -> Vec<u8> {
        let mut file = file.to_vec();
        for _ in 0..self.rng.usize(1..=4) {
            let within = if self.rng.bool() { header.min(file.len()) } else { file.len() };
            if within == 0 {
                file.push(self.rng.u8(..));
                continue;
            }
            let at = self.rng.usize(..within);
            match self.rng.u8(..8) {
                0 => file[at] ^= 1 << self.rng.u8(..8),
                1 => file[at] = self.rng.u8(..),
                2 => self.word(&mut file, at),
                3 => self.word(&mut file, at & !3),
                4 => file.truncate(at),
                5 => drop(file.drain(at..at + self.rng.usize(..=4.min(within - at)))),
                6 => drop(file.splice(at..at, [self.rng.u8(..)])),
                _ => file.extend(std::iter::repeat_with(|| self.rng.u8(..)).take(at & 31)),
            }
        }
        file
    }

    /// Writes a value that breaks arithmetic at a position, or changes the existing one slightly.
    fn word(&mut self, file: &mut [u8], at: usize) {
        let Some(place) = file.get_mut(at..at + 4) else { return };
        let old = u32::from_le_bytes([place[0], place[1], place[2], place[3]]);
        let new = match self.rng.u8(..3) {
            0 => NASTY[self.rng.usize(..NASTY.len())],
            1 => old.wrapping_add(self.rng.u32(..64)).wrapping_sub(32),
            _ => self.rng.u32(..) >> self.rng.u32(..32),
        };
        let big = self.rng.u8(..4) == 0;
        place.copy_from_slice(&if big { new.to_be_bytes() } else { new.to_le_bytes() });
    }
}

/// All systematic damage to a file: every truncation, and every value of every byte of its first `header` bytes.
pub fn damaged(file: &[u8], header: usize, mut each: impl FnMut(&[u8])) {
    for length in 0..file.len() {
        each(&file[..length]);
    }
    let mut copy = file.to_vec();
    for at in 0..header.min(file.len()) {
        for value in 0..=u8::MAX {
            copy[at] = value;
            each(&copy);
        }
        copy[at] = file[at];
    }
}
