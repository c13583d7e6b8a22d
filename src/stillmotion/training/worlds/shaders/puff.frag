#version 330
#include common
#include far
in vec2 at;
in vec4 is;
in float deep, wide;
in vec3 about;
uniform sampler2D truth_map;
uniform vec2 size;
uniform int glows;
uniform float time;
out vec4 out_colour;
void main() {
    float r2 = dot(at, at);
    if (r2 > 1.0) discard;
    float there = texture(truth_map, gl_FragCoord.xy / size).x;
    float in_front = there <= 0.0 ? 1.0 : clamp((there - deep + wide * 0.6) / (wide * 1.2), 0.0, 1.0);
    float n = fbm(vec3(at * 1.7 + about.xz * 0.7, about.y * 0.9 + time * 0.25), 4);
    float body = (1.0 - r2) * (1.0 - r2);
    float alpha = is.a * clamp(body * 1.8 - 0.9 * (1.0 - n) * (0.4 + r2), 0.0, 1.0) * in_front;
    vec3 normal = normalize(vec3(at * 0.8, -sqrt(max(1.0 - r2, 0.0))) + 0.5 * (n - 0.5));
    vec3 light = glows == 1 ? is.rgb * (0.5 + n) : is.rgb / 3.14159 * (texture(irradiance, map_at(vec3(0, -1, 0))).rgb * (0.75 - 0.25 * at.y)
               + sun_light * (0.55 + 0.25 * dot(at, vec2(sun_to.x, sun_to.y))));
    out_colour = vec4(light, alpha);
}
