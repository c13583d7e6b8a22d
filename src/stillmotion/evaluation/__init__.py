"""How far a video is from what was asked: measures with classical vision only, no network weights.

Every measure is a function of frames (uint8 (H, W, 3) sRGB), points, flows or poses, so that it can judge a video of
any system. `measure.measure` runs the wanted set in one pass over a stream; `judge.judge` holds it against tolerances.

    picture     sizes and colour spaces           tracks      Lucas-Kanade points       projection  points and views
    camera_rule dynamic_degree                    pose        trajectory                what the camera did
    tracking    regions                           what moved, and whither
    fidelity    drift  flicker  loop  warping     what the pictures are like
    shape       smoothness  stabilisation         how the motion feels
    expected    measure  judge  cheap  page       one video against its plan
"""
