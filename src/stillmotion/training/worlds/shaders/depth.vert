#version 330
// Depth alone, by the same sums as scene.vert: what is hidden need not be shaded.
in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec4 now_0, now_1, now_2;
uniform mat4 view_now;
uniform vec4 lens_now;
uniform float time;
invariant gl_Position;
#include deform
#include place

void main() {
    vec3 unused;
    gl_Position = clipped((view_now * vec4(one(now_0, now_1, now_2, time, unused), 1)).xyz, lens_now);
}
