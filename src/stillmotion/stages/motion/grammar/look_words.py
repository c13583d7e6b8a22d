"""Words that say how a picture looks, or nothing at all: they are understood, and move nothing. Data."""

from __future__ import annotations

LOOK = """
cinematic beautiful stunning gorgeous epic breathtaking majestic serene tranquil peaceful quiet moody dark bright vivid vibrant
colorful colourful dramatic realistic photorealistic hyperrealistic detailed hyper sharp crisp clear blurry hdr raw high
quality resolution masterpiece professional award winning render octane unreal engine artstation trending style stylish aesthetic
look feel feeling mood atmosphere atmospheric ambient ambience vibe tone tones color colour colors colours palette grading graded
warm cool cold golden hour sunset sunrise dusk dawn twilight night nighttime day daytime morning evening afternoon noon midnight
sunny cloudy rainy snowy foggy misty stormy sunlight sunlit moonlight moonlit lighting lit backlit backlight shadow shadows
silhouette silhouettes contrast exposure bloom lens flare flares rays ray beam beams sun moon sunshine daylight shade illumination
volumetric godrays natural studio neon soft hard rim diffuse diffused vintage retro old modern futuristic antique rustic
noir film analog analogue grain grainy kodak polaroid anime cartoon painting illustration watercolor watercolour oil sketch
line art drawing abstract surreal fantasy magical mystical dreamlike ethereal whimsical romantic nostalgic melancholic intimate
mysterious eerie spooky scary ominous happy sad joyful emotional powerful elegant luxurious luxury premium commercial advertisement
ad product beauty fashion editorial portrait closeup macro wide wideangle establishing medium tele panorama landscape
establish background foreground midground composition symmetrical symmetry minimalist minimal clean rich lush dense thick
wearing dressed standing sitting lying holding carrying posing posed smiling-faced seated kneeling leaning-against resting
reading riding drinking eating cooking playing working talking-to waiting overlooking looking-out facing surrounded covered filled
lined topped framed located situated nestled perched bathed lost decorated adorned reflected illuminated lit-by
red orange yellow green blue purple pink brown black white grey gray gold silver turquoise teal crimson violet beige
young tall big old little tiny giant huge small large long short curly straight blonde brunette bearded handsome pretty cute
empty crowded busy lonely distant nearby far-off remote ancient medieval urban rural tropical arctic alpine coastal
wooden stone-built brick marble glass metal steel leather velvet wool woollen denim cotton lace paper plastic
summer winter spring autumn fall-season seasonal christmas halloween holiday wedding party
wonder awe elegance drama tension suspense energy power beauty grace subtlety emphasis focus-on impact sense
place spot corner side area part piece scene space world universe nature wilderness countryside park garden forest-floor
kitchen room bedroom office studio cafe restaurant bar market square alley staircase stairs hallway corridor
table desk bench sofa couch bed door doorway gate porch balcony terrace patio pier dock jetty
hat glasses sunglasses umbrella suit uniform helmet armour armor crown mask gloves boots jeans backpack
quality-of 4k 8k 2k uhd fullhd imax arri red-camera sony canon nikon leica anamorphic widescreen letterbox
instagram tiktok youtube social media post story reel wallpaper screensaver
hair-salon weather season climate temperature heat
name person-like man-made left-hand right-hand
rainbow planet galaxy nebula comet universe-wide cosmos space-like constellation
life alive living livelier liveliness
ultra high-quality highly
""".replace("\n", " ")
"""Single words of description."""

LOOK_PHRASES = """
golden hour, blue hour, magic hour, soft light, warm light, natural light, golden light, morning light, evening light, sun rays,
light rays, rays of light, light beams, beams of light, studio lighting, studio light, rim light, back light, key light, fill light, hard light, harsh light, cold light, cool light,
ambient light, dappled light, diffused light, neon light, candle light, dim light, low light, moon light, sun light, window light, sunset light, dramatic light, dramatic lighting, soft lighting,
warm lighting, natural lighting, volumetric light, volumetric lighting, volumetric fog, god rays, lens flare, light leaks, film grain, high quality, high resolution, ultra realistic,
close up, extreme close up, medium close up, medium shot, wide shot, extreme wide shot, long shot, full shot, establishing shot, macro shot, close up shot, wide angle, wide angle shot, wide angle lens, medium wide shot,
wide view, aerial view, aerial photo, aerial photograph, aerial picture, aerial landscape, drone view, drone photo, street view, full body, full body shot, half body, upper body, head and shoulders, two shot, cowboy shot, hero shot, product shot, beauty shot, master shot, portrait shot, portrait photo, detail shot,
shot on film, shot on, film look, film noir, movie still, film still, cinematic look, cinematic style, cinematic feel, cinematic lighting, cinematic light, cinematic shot, beautiful shot, stunning shot, epic shot, cinematic video, still life, street photography, sense of depth, sense of scale, sense of wonder, a sense of, feeling of,
high detail, highly detailed, ultra detailed, fine detail, at night, at sunset, at sunrise, at dusk, at dawn, at noon, by night, by day, at golden hour, in the morning, in the evening, in the afternoon, in the dark,
in the background, in the foreground, in the distance, in the middle, in the center, in the centre, in the corner, in the frame, in frame, in view, in sight, in place, in focus, in the scene, in the picture, in the image, in the photo, in the shot, in sync, in front, in slow succession, in harmony, in total darkness, in full bloom, in color, in colour, in black and white, black and white, in real time, real time,
on the left, on the right, on the left side, on the right side, on top, on the side, at the top, at the bottom, at the back, at the front, in the upper left, in the upper right, in the lower left, in the lower right, in the top left, in the top right, in the bottom left, in the bottom right, on the far left, on the far right, on the horizon, at the horizon, on either side, on both sides,
rule of thirds, aspect ratio, frame rate, motion blur, no text, no watermark, no people, no distortion, no warping, no morphing, no artifacts, no artefacts, without distortion, without warping, without morphing, no deformation, no blur, without artifacts, no cuts, without cuts, single take, one take, one shot, continuous shot, single shot, long take, oner, no cut, no glitches, no jump cuts, no ghosting, no stretching,
light and shadow, play of light, light and shadows, at rest, out of focus, of light, light source, light sources, light falls on, light streaming, light shining, sunlight streaming, sun setting, sun rising, sun sets, setting sun, rising sun, the sun sets, the sun rises, sun shining, sun shines, stars in the sky, city at night, body of water, field of view, rolling hills, rolling hill, running water tap, falling star, flowing dress, still water, still waters, still lake, calm water, calm sea, calm lake, calm waters, parked car, parked cars, standing on, sitting on, light blue, dark blue, light green, dark green, light brown, dark brown, light grey, light gray, light pink, light colored, light coloured,
wind turbine, wind turbines, water bottle, water glass, glass of water, fire truck, fire engine, fire hydrant, fire escape, traffic light, traffic lights, light house, sand castle, snow globe, tree house, sky scraper, flower pot, flower vase, hair salon, hair dryer, rocking chair, swimming suit, running shoes, walking stick, parking lot, living room, dining room, dining table, waiting room, riding a horse, riding a bike
"""
"""Phrases of description; they win over the words inside them."""

STOP = """
please, us, i, me, you, your, to be, there, that, which, who, whose, so that, in order to, if, because, since, until, till, during, such, such as, way, in a, into a, kind of, sort of,
effect, effects, feature, hint, style, type, amount, degree of, level, bit, direction, axis, towards it, toward it, path, trajectory, angle, line, move, speed, pace, rate, tempo, rhythm, curve, course, route, position,
manner, fashion, mode, form, shape, ease of, using, used, shot of, view of, image of, picture of, photo of, video of, footage of, scene of, photograph of, a photo of, a video of, a picture of, an image of, a shot of,
main, center, centre, middle, edge, edges, top, bottom, border, point, location, end, ending, start, opening, finish, beginning point, final, initial,
while still, still image, still photo, still picture, still photograph, of course, more, less, most, least, even, well, too, enough, additional, extra, lots, plenty, various, different, similar, own, own accord, itself self, by itself, on its own, by themselves, on their own,
subtle realistic, lifelike, realistically, naturally looking, organically, organic, convincingly, believable, believably, physically, accurate, accurately, correct, correctly, precisely, precise, exact, exactly, perfectly, perfect, nicely, nice, great, really nice, cool looking, directly, straight, simply, simple, approximately, about, roughly, around about, almost, nearly, always, constantly, continuous, continuously, non stop, nonstop, uninterrupted, ongoing, still moving, and so on, etc, ok, okay, hey, hello, hi, thanks, thank you, here, now, again, once, once again, once more, one more time, twice as, also, too, ever, already, away from each other, each other, one by one, one after another, in turn, in place of, in addition, in addition to, additionally, furthermore, moreover, therefore, thus, hence, very much, as if, as though, like a, as in, such that, at all, any more, anymore, whatsoever, in any way, in any direction, at any time, of any kind, whole way, full way, along the way, on the way, in one direction, in that direction, in this direction, in the same direction, in the opposite direction, opposite direction, same direction, by a, by an, by the, for a moment, for a while, for a bit, moment, moments, while, while also, briefly, brief, momentarily, occasionally, occasional, sometimes, intermittently, randomly, random, irregularly, regularly, rhythmically, rhythmic, synchronously, in unison, together, separately, independently, individually, hand, hands, arm, arms, finger, fingers, leg, legs, foot, feet, shoulder, shoulders, controlled, stabilized, stabilised, gimbal, steadicam, steady cam, glidecam, rig, mounted, mount, equipment, crew, handling, deliberate, deliberately, intentional, purposeful, purposefully, subtle enough, level horizon, motivated, inviting, gaining, gains, losing, toward each other, overall feel, emphasizing, emphasising, emphasizes, emphasises, highlighting, highlights, highlight, showcasing, showcases, showcase, capturing, captures, capture, captured, depicting, depicts, featuring the, draws attention, drawing attention, adds, immersive, immersing, explores, exploring, explore, discovering, discover, following the action, maintaining, maintains, maintain, preserving, preserves, preserve, keeping, while keeping, keeping the subject centered, keeping the subject centred, subject centered, subject centred, centered, centred, in the center of the frame, at the center, at its center, at its centre, at the centre, framed center
"""
"""Phrases without any meaning for the plan."""
