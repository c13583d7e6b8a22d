"""Runs of the latent diffusion where torch is installed: they learn, alike each time, and go on to the sample."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def pictures():
    """Four photos and two clips of smooth noise."""
    import cv2

    from stillmotion.training.pictures import Packed, Pictures

    def packed(count: int, frames: int) -> Packed:
        rng = np.random.default_rng(count)
        made = []
        for _ in range(count):
            wide = cv2.GaussianBlur(rng.integers(0, 256, (96, 96 + frames, 3), dtype=np.uint8), (0, 0), 3)
            wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
            made.append(np.stack([wide[:, t : t + 96] for t in range(frames)]))
        values = np.concatenate([each.ravel() for each in made])
        shape = (frames, 96, 96)
        starts = tuple(i * made[0].size for i in range(count))
        return Packed(tuple(f"general/{i}" for i in range(count)), (shape,) * count, starts, values)

    return Pictures(packed(4, 1), packed(2, 25))


def _length(steps: int):
    from stillmotion.training.loop import Length

    return Length(steps=steps, minutes=1e9, tell=100, keep=100, look=100)


def test_ten_steps_of_the_autoencoder_are_the_same_each_time_and_learn(pictures, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.vae_run import CONFIGS, begin, draw, losses
    from stillmotion.training.loop import Team, go

    config, runs = CONFIGS["test"], []
    batch = draw(config, pictures, np.random.default_rng(0))
    for name in ("one", "other"):
        state = begin(config, pictures)

        def of_step(step: int, net=state.net):
            return losses(net, batch, config, None, torch.Generator().manual_seed(step))

        team = Team(0, 1, tmp_path)
        runs.append(go(state, of_step, config.pace, _length(10), team=team, checkpoint=tmp_path / f"{name}.pt"))
    assert runs[0] == pytest.approx(runs[1], rel=1e-5)
    assert runs[0][-1] < 0.95 * runs[0][0]


def test_an_autoencoder_run_that_was_stopped_goes_on_to_the_sample(pictures, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.vae_run import CONFIGS, train

    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
    whole = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "whole", _length(6))
    first = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "halves", _length(3))
    second = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "halves", _length(6))
    assert first + second == whole


def test_a_judge_of_patches_may_join_a_run_later_and_goes_on_with_it(pictures, tmp_path: Path) -> None:
    from dataclasses import replace

    from stillmotion.training.diffusion.vae_run import CONFIGS, train

    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
        train(_even(CONFIGS["test"]), pictures, None, tmp_path / name, _length(2))
    sharp = replace(_even(CONFIGS["test"]), judge=0.1)
    whole = train(sharp, pictures, None, tmp_path / "whole", _length(6))
    first = train(sharp, pictures, None, tmp_path / "halves", _length(4))
    assert first + train(sharp, pictures, None, tmp_path / "halves", _length(6)) == whole


def _even(config):
    """The rate does not depend on where the run ends."""
    from dataclasses import replace

    return replace(config, pace=replace(config.pace, least_rate=config.pace.rate))


def test_the_linear_start_gives_smooth_pictures_back(pictures) -> None:
    from stillmotion.training.diffusion.vae_check import check
    from stillmotion.training.diffusion.vae_run import CONFIGS, begin

    found = check(begin(CONFIGS["test"], pictures).mean, pictures, every=1, side=96)
    assert found["still_psnr"] > 22


def test_a_photo_set_in_motion_moves_and_a_clip_keeps_its_length(pictures) -> None:
    from stillmotion.training.pictures import clip_crop, moving_crop

    rng = np.random.default_rng(0)
    moved = moving_crop(pictures.photos.frames(0)[0], 9, 32, rng)
    assert moved.shape == clip_crop(pictures.clips.frames(0), 9, 32, rng).shape == (9, 32, 32, 3)
    assert np.abs(moved[0].astype(int) - moved[-1]).mean() > 1


# -- the transformer -------------------------------------------------------------------------------------------------


def _sample(frames: int, seed: int, side: int = 8):
    from stillmotion.training.diffusion.shards import Coded

    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.normal(size=(1, 4, side, side)), frames, axis=0).astype(np.float16)
    valid = np.where(rng.random((frames, 4, side, side)) < 0.3, 0, 255).astype(np.uint8)
    return Coded(truth, truth * (valid.mean(axis=1, keepdims=True) > 127), valid, "The camera pans right by 9°.")


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Twelve tiny samples of two shapes."""
    from stillmotion.models.dit_text import Vocabulary
    from stillmotion.training.diffusion.shards import Shards, write

    folder = tmp_path_factory.mktemp("shards")
    samples = [_sample(1 if i % 3 == 0 else 3, i) for i in range(12)]
    assert write(iter(samples), folder, about={}) == 12
    return Shards(folder, Vocabulary(("the", "camera", "pans", "right", "by", "9", "°", ".")), sentence=12)


def test_shards_give_back_what_was_written_and_are_plain_tar_files(shards) -> None:
    import tarfile

    stills, clips = shards.buckets
    assert (len(stills), len(clips)) == (4, 8)
    back = shards.read(clips[0])
    assert np.array_equal(back["truth"], _sample(3, 1).truth)
    with tarfile.open(shards.folder / clips[0]["shard"]) as tar:
        assert len(tar.getnames()) == 12


def test_a_batch_depends_on_step_and_worker_alone(shards) -> None:
    one, _ = shards.batch(5, seed=0, rank=0, tokens=96)
    again, _ = shards.batch(5, seed=0, rank=0, tokens=96)
    other, _ = shards.batch(5, seed=0, rank=1, tokens=96)
    assert torch.equal(one, again)
    assert one.shape == other.shape
    assert not torch.equal(one, other)


def test_a_still_has_no_first_frame_and_shows_nothing_of_what_is_hidden(shards) -> None:
    samples = [(shards.read(shards.buckets[0][0]), "")]
    truth, known = shards.joined(samples)
    assert known.has.tolist() == [[False, False, False, True]]
    assert not torch.equal(known.reference, truth[:, 0])


def test_ten_steps_of_the_transformer_are_the_same_each_time_and_learn(shards, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.dit_run import CONFIGS, begin, losses
    from stillmotion.training.loop import Team, go

    config, team, runs = CONFIGS["test"], Team(0, 1, tmp_path), []
    for name in ("one", "other"):
        state = begin(config, team)

        def of_step(step: int, net=state.net):
            return losses(net, shards, config, 1, 0)

        runs.append(go(state, of_step, config.pace, _length(10), team=team, checkpoint=tmp_path / f"{name}.pt"))
    assert runs[0] == pytest.approx(runs[1], rel=1e-5)
    assert runs[0][-1] < 0.9 * runs[0][0]


def test_a_transformer_run_that_was_stopped_goes_on_to_the_sample(shards, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.dit_run import CONFIGS, train

    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
    config = _even(CONFIGS["test"])
    whole = train(config, shards, None, tmp_path / "whole", _length(6))
    first = train(config, shards, None, tmp_path / "halves", _length(3))
    assert first + train(config, shards, None, tmp_path / "halves", _length(6)) == whole


def _student_and_teacher(shards, folder: Path, *, steps: int, walk: int):
    """A configuration that distils, and a teacher of a hundred steps."""
    from dataclasses import replace

    from stillmotion.training.diffusion.distil import Distil
    from stillmotion.training.diffusion.dit_run import CONFIGS, taught, train

    folder.mkdir()
    train(CONFIGS["test"], shards, None, folder, _length(100))
    return replace(CONFIGS["test"], distil=Distil(steps=steps, walk=walk)), taught(CONFIGS["test"], folder / "dit.pt")


def test_a_teacher_that_makes_the_same_steps_teaches_nothing_new(shards, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.dit_run import losses

    config, teacher = _student_and_teacher(shards, tmp_path / "teacher", steps=4, walk=1)
    assert float(losses(teacher, shards, config, 0, 0, teacher)["whole"]) < 1e-9


def test_a_student_of_few_steps_comes_nearer_to_its_teacher_of_many(shards, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.dit_run import check, train

    config, teacher = _student_and_teacher(shards, tmp_path / "teacher", steps=2, walk=8)
    before = check(teacher, shards, config, batches=8, teacher=teacher)["whole"]
    (tmp_path / "few").mkdir()
    train(config, shards, shards, tmp_path / "few", _length(60), teacher=teacher)
    after = json.loads((tmp_path / "few" / "run.json").read_text())["check"]["whole"]
    assert after < 0.8 * before


class _Still:
    """A decoder of one grey frame for a latent frame, as bright as its first channel."""

    def decode(self, latents):
        for latent in latents:
            yield np.repeat(np.clip(latent[0] / 4 + 0.5, 0, 1)[..., None], 3, axis=2)


def test_a_look_at_a_run_is_a_sheet_of_what_it_draws(shards, tmp_path: Path) -> None:
    import cv2

    from stillmotion.training.diffusion.dit_run import CONFIGS, train

    train(CONFIGS["test"], shards, shards, tmp_path, _length(2), codec=_Still())  # type: ignore[arg-type]
    drawn = cv2.imread(str(tmp_path / "sheet-000002.png"))
    assert drawn.shape[0] % 4 == 0
    assert drawn.shape[1] % 3 == 0
    truth, guide, led, alone = np.vsplit(drawn.astype(int), 4)
    assert np.abs(led - guide).mean() < 0.8 * np.abs(alone - guide).mean()  # from the beginning it keeps to its guide
    assert np.abs(truth - guide).mean() > 0


def test_a_rendered_clip_is_a_world_with_a_sentence(pictures, monkeypatch) -> None:
    from stillmotion.training.diffusion import make
    from stillmotion.training.worlds.store import Store

    monkeypatch.setattr(make, "RENDERED", 1.0)
    monkeypatch.setattr(make, "FRAMES", (1, 5, 5))
    store = Store(Path(__file__).parents[1] / "data" / "worlds" / "sample.tar")
    found = [make.world(pictures, np.ones(4) / 4, np.random.default_rng(seed), store) for seed in range(40)]
    clips = [each for each in found if each is not None and len(each.truth) == 5 and each.sentence]
    assert clips
    for clip in clips:
        assert (clip.valid[0] == 255).all()
        assert clip.sentence.startswith("The camera")


def test_a_configuration_that_distils_needs_a_teacher_and_no_other_has_one(shards, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.dit_run import CONFIGS, train

    with pytest.raises(ValueError, match="needs a teacher"):
        train(CONFIGS["mini-few"], shards, None, tmp_path, _length(1))


def test_larger_clips_are_learned_nearer_to_noise() -> None:
    from stillmotion.training.diffusion.flow import shifted

    time = torch.linspace(0.01, 0.99, 9)
    assert torch.allclose(shifted(time, 256, 256), time)
    assert (shifted(time, 1280, 256) > time).all()
    assert shifted(time, 1280, 256).max() < 1


def test_validity_of_the_first_latent_frame_is_that_of_the_first_frame() -> None:
    from stillmotion.training.diffusion.shards import validity

    valid = np.full((5, 16, 16), 255, np.uint8)
    valid[0, :8] = 0
    valid[3, :, :8] = 0
    cells = validity(valid)
    assert cells.shape == (2, 4, 2, 2)
    assert (cells[0] == [[0, 0], [255, 255]]).all()
    assert cells[1, 2].tolist() == [[0, 255], [0, 255]]


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no workers")
def test_two_workers_that_share_the_network_learn_and_go_on(
    shards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds half of every weight (FSDP2 over gloo); a run in two parts is the run in one."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # where the workers find this file
    given = (str(shards.folder), shards.words.words)
    (tmp_path / "whole").mkdir()
    (tmp_path / "halves").mkdir()
    torch.multiprocessing.spawn(_sharded, (str(tmp_path), *given), nprocs=2)
    losses = {name: (tmp_path / name / "losses.txt").read_text().split() for name in ("whole", "halves")}
    assert len(losses["whole"]) == 4
    assert [float(each) for each in losses["halves"]] == pytest.approx([float(each) for each in losses["whole"]])


def _sharded(rank: int, folder: str, data: str, words: tuple[str, ...]) -> None:
    """A worker of the test above; writes its losses."""
    from stillmotion.models.dit_text import Vocabulary
    from stillmotion.training.diffusion.dit_run import CONFIGS, train
    from stillmotion.training.diffusion.shards import Shards
    from stillmotion.training.loop import Team

    torch.set_num_threads(1)
    team = Team(rank, 2, Path(folder) / "meeting", sharded=True)
    shards = Shards(Path(data), Vocabulary(words), sentence=12)
    for name, steps in (("whole", 4), ("halves", 2), ("halves", 4)):
        out = Path(folder) / name
        curve = train(_even(CONFIGS["test"]), shards, None, out, _length(steps), team=team)
        if rank == 0:
            with (out / "losses.txt").open("a") as file:
                file.write(" ".join(map(str, curve)) + " ")
    team.leave()


# -- worlds ----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # as above
def test_shipped_files_become_networks_that_can_learn_on(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("openvino")
    from stillmotion.models.dit import SIZES as DIT_SIZES
    from stillmotion.models.dit import Dit
    from stillmotion.models.vae import SIZES as VAE_SIZES
    from stillmotion.models.vae import VideoVae
    from stillmotion.training.diffusion.dit_export import compared
    from stillmotion.training.diffusion.dit_export import export as export_dit
    from stillmotion.training.diffusion.export import compared as compared_vae
    from stillmotion.training.diffusion.export import export as export_vae
    from stillmotion.training.diffusion.warm import restore, restore_dit

    vae, dit = VideoVae(VAE_SIZES["test"]).eval(), Dit(DIT_SIZES["test"]).eval()
    for each in (*vae.parameters(), *dit.parameters()):
        torch.nn.init.normal_(each, std=0.1)
    vae.middle.normal_()
    vae.spread.uniform_(0.5, 2)
    export_vae(vae, tmp_path)
    export_dit(dit, ("the", "camera"), tmp_path, run={}, base_tokens=256)
    again, other = VideoVae(VAE_SIZES["test"]).eval(), Dit(DIT_SIZES["test"])
    restore(again, tmp_path)
    restore_dit(other, tmp_path / "dit.onnx")
    assert compared_vae(again, tmp_path)["opencv latent"] < 1e-4
    assert compared_vae(again, tmp_path)["opencv frames"] < 1e-4
    assert compared(other.eval(), tmp_path, runtime="opencv") < 1e-3
    with pytest.raises(ValueError, match="not"):
        restore_dit(Dit(DIT_SIZES["mini"]), tmp_path / "dit.onnx")


def test_a_photo_there_and_back_has_a_known_truth_and_holes(pictures) -> None:
    import cv2

    from stillmotion.training.diffusion.worlds import there_and_back

    photo = cv2.resize(pictures.photos.frames(0)[0], (192, 160), interpolation=cv2.INTER_CUBIC)
    for seed in range(4):
        world = there_and_back(photo, 5, (128, 96), np.random.default_rng(seed))
        assert world is not None
        assert world.truth.shape == world.guide.shape == (5, 96, 128, 3)
        assert (world.valid[0] == 255).all()  # frame 0 is the photo
        assert np.array_equal(world.truth[0], world.guide[0])
        right = np.abs(world.truth.astype(int) - world.guide).mean(axis=3)[world.valid == 255]
        assert np.median(right) < 6  # resampled twice, but the same content
        assert world.sentence.startswith("The camera")


def test_a_clip_followed_by_flow_believes_what_it_can(pictures) -> None:
    from stillmotion.training.diffusion.worlds import followed

    world = followed(pictures.clips.frames(0), 5, (64, 64), np.random.default_rng(0))
    assert world.truth.shape == (5, 64, 64, 3)
    believed = world.valid == 255
    assert believed[1:].mean() > 0.5
    assert np.abs(world.truth.astype(int) - world.guide).mean(axis=3)[believed].mean() < 8
