#version 330
#include common
#include far
in vec2 at;
uniform sampler2D lit_map, albedo_map, normal_map, truth_map;
uniform mat4 to_world, to_camera;
uniform vec4 lens;
uniform vec3 eye;
uniform float fog;
out vec4 out_colour;

vec3 ray(vec2 uv) { return (to_world * vec4((uv * 2.0 - 1.0) / lens.xy, 1, 0)).xyz; }

void main() {
    vec4 lit = texture(lit_map, at);
    vec4 truth = texture(truth_map, at), bent = texture(normal_map, at);
    float rough = texture(albedo_map, at).a;
    bool is_water = bent.w > 1.5 && bent.w < 2.5;
    if (truth.x <= 0.0 || !(is_water || (rough < 0.2 && bent.w < 1.0))) { out_colour = vec4(lit.rgb, 1); return; }
    vec3 direction = normalize(ray(at)), normal = normalize(bent.xyz), world = eye + ray(at) * truth.x;
    vec3 mirrored = reflect(direction, normal);
    if (is_water && mirrored.y > -0.01) mirrored = normalize(vec3(mirrored.x, -0.01, mirrored.z));
    vec3 seen = far_away(mirrored, 3);
    if (!is_water) seen = clear_sky(mirrored);
    vec3 start = (to_camera * vec4(world, 1)).xyz, way = (to_camera * vec4(mirrored, 0)).xyz;
    float reach = 0.04 * truth.x, jitter = hash(vec3(gl_FragCoord.xy, 3.0));
    for (int k = 0; k < 26; ++k) {
        vec3 p = start + way * reach * (0.6 + 0.8 * jitter);
        if (p.z <= 0.05) break;
        vec2 uv = (p.xy / p.z * lens.xy) * 0.5 + 0.5;
        if (any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)))) break;
        float there = texture(truth_map, uv).x;
        if (there > 0.0 && p.z > there && p.z < there + 0.5 * reach + 0.02 * there) {
            vec4 hit = texture(normal_map, uv);
            if (!(hit.w > 1.5 && hit.w < 2.5)) {
                float rim = smoothstep(0.0, 0.08, min(min(uv.x, uv.y), min(1.0 - uv.x, 1.0 - uv.y)));
                seen = mix(seen, texture(lit_map, uv).rgb, rim);
                break;
            }
        }
        reach *= 1.24;
    }
    float fresnel = 0.02 + 0.98 * pow(1.0 - max(dot(normal, -direction), 0.0), 5.0);
    if (!is_water) fresnel = 0.5 * (0.04 + 0.96 * pow(1.0 - max(dot(normal, -direction), 0.0), 5.0)) * (1.0 - rough * 4.0);
    vec3 sum = lit.rgb + seen * fresnel * exp(-fog * truth.x);
    out_colour = vec4(sum, 1);
}
