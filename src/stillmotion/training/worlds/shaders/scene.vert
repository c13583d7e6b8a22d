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
out vec3 at_world, at_local, at_normal, tint;
out vec2 at_uv;
out vec4 at_next, at_past, at_now;
flat out float ident;

vec4 clipped(vec3 camera, vec4 lens) {
    float near = lens.z, far = lens.w;
    return vec4(camera.xy * lens.xy, camera.z * (far + near) / (far - near) - 2.0 * far * near / (far - near), camera.z);
}

vec3 placed(vec4 a, vec4 b, vec4 c, vec4 p) { return vec3(dot(a, p), dot(b, p), dot(c, p)); }

vec3 one(vec4 a, vec4 b, vec4 c, float t, out vec3 normal) {
    vec3 world = placed(a, b, c, vec4(in_position, 1));
    normal = normalize(placed(a, b, c, vec4(in_normal, 0)));
    return deformed(world, in_position * length(vec3(a.x, b.x, c.x)), vec3(a.w, b.w, c.w), in_uv, normal, t, normal);
}

void main() {
    vec3 unused;
    at_world = one(now_0, now_1, now_2, time, at_normal);
    vec3 camera = (view_now * vec4(at_world, 1)).xyz;
    gl_Position = clipped(camera, lens_now);
    at_now = gl_Position;
    at_next = clipped((view_next * vec4(one(next_0, next_1, next_2, time + step_time, unused), 1)).xyz, lens_next);
    at_past = clipped((view_past * vec4(one(past_0, past_1, past_2, time - step_time, unused), 1)).xyz, lens_past);
    at_local = in_position * length(vec3(now_0.x, now_1.x, now_2.x));
    at_uv = in_uv;
    tint = in_tint.rgb;
    ident = in_tint.w;
}
