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
    // a pixel of far water is many ripples: together they mirror as a calmer surface does
    vec3 calm = is_water ? normalize(mix(vec3(0, -1, 0), normal, clamp(5.0 / truth.x, 0.12, 0.5))) : normal;
    vec3 mirrored = reflect(direction, calm);
    if (is_water && mirrored.y > -0.02) mirrored = normalize(vec3(mirrored.x, -0.04 - max(mirrored.y, -0.02), mirrored.z)); // off the next wave
    vec3 seen = far_away(mirrored, 3);
    if (!is_water) seen = clear_sky(mirrored);
    vec3 start = (to_camera * vec4(world, 1)).xyz, way = (to_camera * vec4(mirrored, 0)).xyz;
    float reach = 0.04 * truth.x;
    for (int k = 0; k < 22; ++k) {
        vec3 p = start + way * reach;
        if (p.z <= 0.05) break;
        vec2 uv = (p.xy / p.z * lens.xy) * 0.5 + 0.5;
        if (uv.y < 0.0 || uv.y > 1.0) break;
        uv.x = uv.x < 0.0 ? -uv.x : (uv.x > 1.0 ? 2.0 - uv.x : uv.x); // what is beyond the side is likely as what is before it
        float there = texture(truth_map, uv).x;
        if (there > 0.0 && p.z > there && p.z < there + 1.3 * reach + 0.05 * there) {
            vec4 hit = texture(normal_map, uv);
            if (!(hit.w > 1.5 && hit.w < 2.5)) {
                float rim = smoothstep(0.0, 0.04, uv.y);
                seen = mix(seen, texture(lit_map, uv).rgb, rim);
                break;
            }
        }
        reach *= 1.3;
    }
    float fresnel = 0.02 + 0.98 * pow(1.0 - max(dot(normal, -direction), 0.0), 5.0);
    if (!is_water) fresnel = 0.5 * (0.04 + 0.96 * pow(1.0 - max(dot(normal, -direction), 0.0), 5.0)) * (1.0 - rough * 4.0);
    vec3 sum = lit.rgb + seen * fresnel * exp(-fog * truth.x);
    out_colour = vec4(sum, 1);
}
