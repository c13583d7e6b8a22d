"""The diffusion transformer: shapes, what may influence what, absent conditions, positions, and how it begins."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="networks need torch: pip install stillmotion[train]")


def _net(*, awake: bool = True):
    from stillmotion.models.dit import SIZES, Dit

    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = Dit(SIZES["test"]).eval()
    if awake:  # what begins at zero must not hide a mistake
        with torch.no_grad():
            for p in net.parameters():
                p.add_(0.2 * torch.randn_like(p))
    return net


def _known(seed: int = 0, frames: int = 3, side: int = 8, batch: int = 2):
    from stillmotion.models.dit import Conditions

    g = torch.Generator().manual_seed(seed)
    text = torch.randint(3, 64, (batch, 12), generator=g)
    text[:, 7:] = 0
    return Conditions(
        text=text,
        reference=torch.randn(batch, 4, side, side + 2, generator=g),
        first=torch.randn(batch, 4, side, side, generator=g),
        guide=torch.randn(batch, frames, 4, side, side, generator=g),
        valid=torch.rand(batch, frames, 4, side, side, generator=g),
        has=torch.ones(batch, 4, dtype=torch.bool),
    )


def _noisy(frames: int = 3, side: int = 8, batch: int = 2):
    return torch.randn(batch, frames, 4, side, side, generator=torch.Generator().manual_seed(9))


_TIME = torch.tensor([0.3, 0.8])


@torch.no_grad()
@pytest.mark.parametrize(("frames", "side"), [(1, 8), (3, 8), (2, 6)])
def test_the_velocity_has_the_shape_of_the_noise(frames: int, side: int) -> None:
    noisy = _noisy(frames, side)
    assert _net()(noisy, _TIME, _known(0, frames, side)).shape == noisy.shape


@torch.no_grad()
def test_it_begins_by_drawing_the_guide_and_every_block_as_the_identity() -> None:
    from stillmotion.models.dit import places

    net, known, noise = _net(awake=False), _known(), _noisy()
    drawn = noise - net(noise, torch.ones(2), known)  # one step from noise to the picture
    shown = known.valid.mean(dim=2, keepdim=True)
    mixed = shown * known.guide
    assert torch.allclose(drawn[:, 1:], mixed[:, 1:], atol=1e-5)
    assert torch.allclose(drawn[:, 0], known.first, atol=1e-5)  # frame 0 is the photo
    x = torch.randn(2, 3, 16, 48)
    signal = net.signal(torch.randn(2, 48)).unflatten(1, (12, -1))[:, :9]
    mask = torch.ones(2, 5, dtype=torch.bool)
    y = net.blocks[0](x, signal, places(3, 4, 4, net.pairs, x.device), torch.randn(2, 5, 48), mask, 4)
    assert torch.equal(y, x)


@torch.no_grad()
def test_the_velocity_of_a_guess_is_the_best_there_is_for_what_is_normal_about_it() -> None:
    from stillmotion.models.dit_guess import Guess, follow

    g = torch.Generator().manual_seed(0)
    mean, doubt = torch.full((20000, 1, 1, 1, 1), 0.7), torch.full((20000, 1, 1, 1, 1), 0.3)
    picture, noise = mean + doubt * torch.randn(mean.shape, generator=g), torch.randn(mean.shape, generator=g)
    for time in (0.02, 0.4, 1.0):
        about, velocity, error = follow(
            (1 - time) * picture + time * noise, torch.full((20000,), time), Guess(mean, doubt)
        )
        off = noise - picture - velocity
        assert about.std().item() == pytest.approx(1, abs=0.03)
        assert off.std().item() == pytest.approx(error[0].item(), rel=0.03)
        assert abs((off * about).mean().item()) < 0.02  # nothing is left that the noisy clip could tell


@torch.no_grad()
def test_attention_within_a_frame_sees_no_other_frame() -> None:
    from stillmotion.models.dit import places

    block = _net().blocks[0]
    block.time.leave.weight.zero_()
    x, mask = torch.randn(1, 3, 16, 48), torch.ones(1, 5, dtype=torch.bool)
    given = (torch.randn(1, 9, 48), places(3, 4, 4, 12, x.device), torch.randn(1, 5, 48), mask, 4)
    one = block(x, *given)
    x[:, 2] += 1
    other = block(x, *given)
    assert torch.equal(one[:, :2], other[:, :2])
    assert not torch.allclose(one[:, 2], other[:, 2])


@torch.no_grad()
def test_neighbours_of_a_frame_are_seen_and_no_others() -> None:
    from stillmotion.models.blocks import Near

    near, x = Near(8), torch.randn(2, 3, 12, 8)
    assert torch.equal(near(x, 3), x)
    torch.nn.init.ones_(near.look.weight)
    one = near(x, 3)  # three rows of four
    x[0, 1, 5] += 1
    changed = (near(x, 3) - one).abs().amax(dim=3) > 1e-6
    assert changed[0, 1].nonzero().flatten().tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert changed.sum() == 9


@torch.no_grad()
def test_attention_along_time_sees_no_other_place() -> None:
    from stillmotion.models.dit import places

    block = _net().blocks[0]
    block.space.leave.weight.zero_()
    block.near.look.weight.zero_()
    x, mask = torch.randn(1, 3, 16, 48), torch.ones(1, 5, dtype=torch.bool)
    given = (torch.randn(1, 9, 48), places(3, 4, 4, 12, x.device), torch.randn(1, 5, 48), mask, 4)
    one = block(x, *given)
    x[:, :, 7] += torch.randn(48)
    other = block(x, *given)
    changed = (one - other).abs().amax(dim=(0, 1, 3)) > 1e-6
    assert changed.nonzero().flatten().tolist() == [7]


@torch.no_grad()
def test_the_order_of_the_context_does_not_matter_and_what_is_masked_is_not_seen() -> None:
    from stillmotion.models.blocks import CrossAttention

    torch.manual_seed(0)
    look = CrossAttention(48, 2)
    x, context = torch.randn(1, 9, 48), torch.randn(1, 6, 48)
    mask = torch.tensor([[True, True, True, True, False, False]])
    order = torch.tensor([2, 0, 3, 1, 5, 4])
    assert torch.allclose(look(x, context, mask), look(x, context[:, order], mask[:, order]), atol=1e-6)
    context[:, 4:] = 100
    assert torch.allclose(look(x, context, mask), look(x, context[:, :4], mask[:, :4]), atol=1e-6)


@torch.no_grad()
def test_only_the_distance_of_two_places_counts_for_how_they_see_each_other() -> None:
    from stillmotion.models.blocks import rotary, turned

    q, k = torch.randn(2, 1, 1, 24)
    at = torch.tensor([[1.0, 2.0, 3.0], [2.0, 5.0, 1.0]])
    moved = at + torch.tensor([4.0, -3.0, 6.0])
    near, far = (
        turned(q, rotary(where[:1], 12)) @ turned(k, rotary(where[1:], 12)).transpose(-1, -2) for where in (at, moved)
    )
    assert torch.allclose(near, far, atol=1e-4)
    other = turned(q, rotary(at[:1], 12)) @ turned(k, rotary(at[1:] + 1, 12)).transpose(-1, -2)
    assert not torch.allclose(near, other, atol=1e-2)


@torch.no_grad()
@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_an_absent_condition_has_no_influence_and_a_present_one_has(which: int) -> None:
    net = _net()
    one, other = _known(0), _known(1)
    fields = ("text", "reference", "first", "guide")
    from dataclasses import replace

    changed = {fields[which]: getattr(other, fields[which])} | ({"valid": other.valid} if which == 3 else {})
    swapped = replace(one, **changed)
    lost = torch.zeros(4, dtype=torch.bool)
    lost[which] = True
    noisy = _noisy()
    assert not torch.allclose(net(noisy, _TIME, one), net(noisy, _TIME, swapped), atol=1e-4)
    assert torch.equal(net(noisy, _TIME, one.without(lost)), net(noisy, _TIME, swapped.without(lost)))


@torch.no_grad()
def test_samples_of_a_batch_do_not_see_one_another() -> None:
    from dataclasses import replace

    net, known, noisy = _net(), _known(), _noisy()
    both = net(noisy, _TIME, known)
    alone = replace(
        known, **{f: getattr(known, f)[:1] for f in ("text", "reference", "first", "guide", "valid", "has")}
    )
    assert torch.allclose(net(noisy[:1], _TIME[:1], alone), both[:1], atol=1e-5)


@torch.no_grad()
def test_what_stands_after_the_end_of_a_sentence_is_not_read() -> None:
    from stillmotion.models.dit_text import Vocabulary

    words = Vocabulary(("the", "camera", "pans", "right", "by", "9"))
    short, long = (words.ids(["The camera pans right by 9°."], length)[0] for length in (10, 12))
    assert short[:7].tolist() == [3, 4, 5, 6, 7, 8, 2]
    net = _net()
    mean = [net.sentence(ids[None])[0][:, :7] for ids in (short, long)]
    assert torch.allclose(*mean, atol=1e-5)


def test_named_sizes_are_what_they_say() -> None:
    from stillmotion.models.dit import SIZES, Dit

    def count(name: str) -> int:
        with torch.device("meta"):
            return sum(p.numel() for p in Dit(SIZES[name]).parameters())

    assert count("nano") <= 24e6
    assert count("1b") >= 1e9
