// Where a vertex is in the world and on the screen.

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
