//! SHA-256 (FIPS 180-4), by which Gemini names the folder of a project and a
//! policy of a page the scripts that it lets run. Nothing else here uses it: what
//! we hash ourselves, blake3 hashes.

/// The first 32 bits of the fractional parts of the square roots of the first
/// primes, and of the cube roots.
fn constants() -> ([u32; 8], [u32; 64]) {
    let mut primes = (2_u64..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
    let mut cubes = [0; 64];
    let mut squares = [0; 8];
    for at in 0..64 {
        let prime = primes.next().unwrap_or(2);
        if at < 8 {
            squares[at] = fraction_of_root(prime, 2);
        }
        cubes[at] = fraction_of_root(prime, 3);
    }
    (squares, cubes)
}

/// The first 32 bits behind the point of a root: the largest `r` with
/// `r^power <= n * 2^(32 * power)`, without its whole part.
fn fraction_of_root(n: u64, power: u32) -> u32 {
    let is_small = |r: u128| {
        // Cubes of 37 bits have 111: there is room.
        r.pow(power) <= u128::from(n) << (32 * power)
    };
    let mut root: u128 = 0;
    for bit in (0..37).rev() {
        let next = root | 1 << bit;
        if is_small(next) {
            root = next;
        }
    }
    root as u32
}

/// The hash in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash.
pub(in crate::app) fn digest(bytes: &[u8]) -> [u8; 32] {
    let (mut state, rounds) = constants();
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - bytes.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        compress(&mut state, block, &rounds);
    }
    let mut digest = [0; 32];
    for (place, word) in digest.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn compress(state: &mut [u32; 8], block: &[u8], rounds: &[u32; 64]) {
    let mut w = [0_u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let one = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(rounds[t]).wrapping_add(w[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let two = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
    }
    for (word, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_hashes_as_the_standard_says() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(long), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
}
