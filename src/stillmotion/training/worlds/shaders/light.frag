#version 330
#include common
#include far
in vec2 at;
uniform sampler2D albedo_map, normal_map, truth_map;
uniform sampler2DShadow shadow_map;
uniform mat4 to_world, to_light;
uniform vec4 lens; // half-width per depth across and down
uniform vec3 eye;
uniform float fog, shadow_range, time, shadow_texel;
uniform int lamp_count;
uniform vec4 lamp_at[8], lamp_light[8];
uniform vec2 size;
out vec4 out_colour;

vec3 ray(vec2 uv) { return (to_world * vec4((uv * 2.0 - 1.0) / lens.xy, 1, 0)).xyz; }

float shadow(vec3 world, vec3 normal) {
    vec4 p = to_light * vec4(world + normal * shadow_texel * 1.5, 1);
    vec3 q = p.xyz * 0.5 + 0.5;
    if (any(greaterThan(abs(p.xyz), vec3(0.98)))) return 1.0;
    float total = 0.0, turn = 6.2832 * hash(vec3(gl_FragCoord.xy, 1.0));
    for (int k = 0; k < 6; ++k) {
        float r = sqrt((float(k) + 0.5) / 6.0) * 2.2 / 1536.0, a = 2.39996 * float(k) + turn;
        total += texture(shadow_map, vec3(q.xy + r * vec2(cos(a), sin(a)), q.z - 0.0006));
    }
    return mix(1.0, total / 6.0, smoothstep(0.98, 0.85, max(abs(p.x), abs(p.y))));
}

// The Alchemy estimate (McGuire et al., HPG 2011).
float open_to(vec3 world, vec3 normal, float z) {
    float reach = clamp(0.07 * z, 0.03, 1.2), total = 0.0, turn = 6.2832 * hash(vec3(gl_FragCoord.yx, 2.0));
    for (int k = 0; k < 6; ++k) {
        float r = reach * (float(k) + 0.7) / 6.0 / z, a = 2.39996 * float(k) + turn;
        vec2 uv = at + 0.5 * lens.xy * r * vec2(cos(a), sin(a));
        float there = texture(truth_map, uv).x;
        if (there <= 0.0) continue;
        vec3 v = eye + ray(uv) * there - world;
        float d2 = dot(v, v);
        if (d2 > 4.0 * reach * reach) continue;
        total += max(0.0, dot(v, normal) - 0.012 * z * 0.1) / (d2 + 0.05 * reach * reach);
    }
    return clamp(1.0 - total * reach * 0.13, 0.3, 1.0);
}

void main() {
    vec4 truth = texture(truth_map, at);
    vec3 direction = normalize(ray(at));
    if (truth.x <= 0.0) { out_colour = vec4(far_away(direction, 5), 0); return; }
    vec4 base = texture(albedo_map, at), bent = texture(normal_map, at);
    vec3 world = eye + ray(at) * truth.x, normal = normalize(bent.xyz), albedo = base.rgb;
    float rough = max(base.a, 0.05), kind = bent.w, metal = kind >= 3.0 ? kind - 3.0 : 0.0;
    bool is_water = kind > 1.5 && kind < 2.5;
    float passing = kind <= 1.0 ? kind : 0.0;
    float open = open_to(world, normal, truth.x);
    float facing = dot(normal, sun_to);
    float lit = shadow(world, normal * sign(facing + 1e-5));
    vec3 around = texture(irradiance, map_at(normal)).rgb;
    if (passing > 0.0) around = mix(around, texture(irradiance, map_at(-normal)).rgb, 0.5 * passing);
    vec3 half_way = normalize(sun_to - direction);
    vec3 diffuse = albedo * (1.0 - metal);
    vec3 f0 = mix(vec3(is_water ? 0.02 : 0.04), albedo, metal);
    float nv = max(dot(normal, -direction), 0.03);
    vec3 fresnel = f0 + (1.0 - f0) * pow(1.0 - nv, 5.0) * (1.0 - rough);
    vec3 sum = diffuse / 3.14159 * (sun_light * lit * (max(facing, 0.0) + passing * max(-facing, 0.0)) + around * open);
    float a2 = rough * rough * rough * rough, nh = max(dot(normal, half_way), 0.0);
    float spread = a2 / (3.14159 * pow(nh * nh * (a2 - 1.0) + 1.0, 2.0));
    vec3 shine = fresnel * min(spread, 60.0) * 0.25 / max(nv, 0.2) * max(facing, 0.0) * lit * sun_light;
    vec3 mirror = reflect(direction, normal);
    vec3 seen = mix(clear_sky(mirror), texture(irradiance, map_at(mirror)).rgb / 3.14159, smoothstep(0.1, 0.7, rough));
    if (is_water) sum = albedo / 3.14159 * (around * 0.8 + sun_light * lit * max(sun_to.y * -1.0, 0.0) * 0.7) * (1.0 - fresnel);
    else sum += seen * fresnel * open;
    sum += shine;
    for (int k = 0; k < lamp_count; ++k) {
        vec3 v = lamp_at[k].xyz - world;
        float d2 = max(dot(v, v), 0.02), cosine = dot(normal, v) * inversesqrt(d2);
        vec3 h = normalize(normalize(v) - direction);
        float glint = pow(max(dot(normal, h), 0.0), 2.0 / max(rough * rough, 0.004)) * (1.0 - rough) * 2.0;
        sum += lamp_light[k].rgb * max(cosine * 0.85 + 0.15, 0.0) / d2 * (diffuse / 3.14159 * (0.4 + 0.6 * open) + fresnel * glint * 0.3);
    }
    sum += base.rgb * truth.w / 3.14159;
    if (fog > 0.0) {
        vec3 level = normalize(vec3(direction.x, min(direction.y, -0.02), direction.z));
        sum = mix(clear_sky(vec3(level.x, -0.03, level.z)) * 0.9, sum, exp(-fog * length(world - eye)));
    }
    out_colour = vec4(sum, 1);
}
