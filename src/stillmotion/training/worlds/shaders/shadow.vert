#version 330
in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec4 now_0, now_1, now_2;
uniform mat4 to_light;
uniform float time;
#include deform
out vec2 at_uv;

void main() {
    vec4 p = vec4(in_position, 1);
    vec3 world = vec3(dot(now_0, p), dot(now_1, p), dot(now_2, p));
    vec4 n = vec4(in_normal, 0);
    vec3 normal = normalize(vec3(dot(now_0, n), dot(now_1, n), dot(now_2, n)));
    world = deformed(world, in_position * length(vec3(now_0.x, now_1.x, now_2.x)), vec3(now_0.w, now_1.w, now_2.w), in_uv, normal, time, normal);
    gl_Position = to_light * vec4(world, 1);
    at_uv = in_uv;
}
