#version 330
in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec4 now_0, now_1, now_2, next_0, next_1, next_2, past_0, past_1, past_2; // rows of each copy's matrix
in vec4 in_tint;  // colour factors, number of the object
uniform mat4 view_now, view_next, view_past;
uniform vec4 lens_now, lens_next, lens_past; // half-width per depth across and down, near, far
uniform float time, step_time;
#include deform
invariant gl_Position;
out vec3 at_world, at_local, at_normal, at_next, at_past;
out vec2 at_uv;
flat out vec4 is;

#include place

void main() {
    vec3 unused;
    at_world = one(now_0, now_1, now_2, time, at_normal);
    vec3 camera = (view_now * vec4(at_world, 1)).xyz;
    gl_Position = clipped(camera, lens_now);
    at_next = clipped((view_next * vec4(one(next_0, next_1, next_2, time + step_time, unused), 1)).xyz, lens_next).xyw;
    at_past = clipped((view_past * vec4(one(past_0, past_1, past_2, time - step_time, unused), 1)).xyz, lens_past).xyw;
    at_local = in_position * length(vec3(now_0.x, now_1.x, now_2.x));
    at_uv = in_uv;
    is = in_tint;
}
