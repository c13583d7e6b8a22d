#version 330
in vec2 in_position;
in vec4 puff_at, puff_is; // x y z radius, red green blue opacity
uniform mat4 view_now;
uniform vec4 lens_now;
out vec2 at;
out vec4 is;
out float deep, wide;
out vec3 about;
void main() {
    vec3 c = (view_now * vec4(puff_at.xyz, 1)).xyz;
    vec3 p = c + vec3(in_position * puff_at.w, 0);
    at = in_position; is = puff_is; deep = c.z; wide = puff_at.w; about = puff_at.xyz;
    float near = lens_now.z, far = lens_now.w;
    gl_Position = c.z > near ? vec4(p.xy * lens_now.xy, p.z * (far + near) / (far - near) - 2.0 * far * near / (far - near), p.z) : vec4(2, 2, 2, 1);
}
