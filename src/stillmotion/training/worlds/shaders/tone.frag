#version 330
#include common
in vec2 at;
uniform sampler2D lit_map;
uniform float exposure, rain, time;
uniform vec2 size;
out vec4 out_colour;

// Narkowicz's fit of the ACES filmic curve (2015).
vec3 toned(vec3 x) { return clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0); }

void main() {
    vec3 light = texture(lit_map, at).rgb * exposure;
    if (rain > 0.0) {
        float streak = 0.0;
        for (int k = 0; k < 3; ++k) {
            vec2 p = at * size / size.y * vec2(90.0, 3.2) * (1.0 + 0.8 * float(k));
            p.x += 0.22 * p.y + 13.0 * float(k);
            p.y -= time * (9.0 + 3.0 * float(k));
            float column = hash(vec3(floor(p.x), float(k), 1.0));
            float drop = fract(p.y + column * 7.0);
            if (column > 1.0 - 0.35 * rain) streak += smoothstep(0.75, 0.95, drop) * smoothstep(0.5, 0.1, abs(fract(p.x) - 0.5)) * 0.09;
        }
        light = mix(light, vec3(0.5), clamp(streak, 0.0, 0.5));
    }
    out_colour = vec4(toned(light), 1);
}
