// Where a vertex is beyond its matrix at a time; the same function serves colour, shadow and flow.

uniform int deform_kind;  // 0 none, 1 sway, 2 wave, 3 flag
uniform vec4 deform_by;   // amount, length, hz, direction
uniform vec2 deform_more; // seed, span of the flag

vec3 deformed(vec3 world, vec3 local, vec3 origin, vec2 uv, vec3 normal, float time, out vec3 bent) {
    bent = normal;
    if (deform_kind == 0) return world;
    float amount = deform_by.x, size = deform_by.y, hz = deform_by.z;
    vec3 along = vec3(cos(deform_by.w), 0, sin(deform_by.w));
    if (deform_kind == 1) {
        float high = clamp(-local.y / size, 0.0, 1.5), reach = amount * high * high;
        float phase = dot(origin, vec3(0.37, 0, 0.29)) + deform_more.x - 6.2832 * hz * time;
        vec3 across = vec3(-along.z, 0, along.x);
        vec3 flutter = sin(vec3(7.1, 9.3, 8.2) * local.yzx * (3.0 / size) + 6.2832 * hz * 2.7 * time + phase);
        return world + reach * (along * (0.5 + 0.7 * sin(phase) + 0.2 * sin(2.3 * phase)) + across * 0.35 * sin(1.3 * phase + 1.0)
                                + 0.18 * flutter * vec3(1, 0.5, 1));
    }
    if (deform_kind == 2) {
        vec3 moved = world;
        vec2 slope = vec2(0);
        for (int k = 0; k < 7; ++k) {
            float turn = deform_by.w + 0.55 * sin(2.4 * float(k) + deform_more.x);
            float wave = size * pow(0.66, float(k)), number = 6.2832 / wave;
            float height = amount * pow(0.62, float(k));
            vec2 way = vec2(cos(turn), sin(turn));
            float phase = number * dot(way, world.xz) - sqrt(9.81 * number) * time + 1.7 * float(k) + deform_more.x;
            moved.y -= height * cos(phase);
            moved.xz -= way * height * 0.7 * sin(phase);
            slope += way * height * number * sin(phase);
        }
        bent = normalize(vec3(-slope.x, -1, -slope.y) * vec3(1, 1, 1));
        return moved;
    }
    float free_end = clamp(uv.x / max(deform_more.y, 1e-3), 0.0, 1.0);
    float phase = 6.2832 * (uv.x / size - hz * time) + deform_more.x + 0.6 * uv.y / size;
    float lift = amount * free_end * (sin(phase) + 0.3 * sin(2.1 * phase + 1.0));
    return world + normal * lift + vec3(0, 0.25 * amount * free_end * free_end * (1.0 + 0.3 * sin(0.5 * phase)), 0);
}
