#version 330
#include common
in vec3 at_world, at_local, at_normal, at_next, at_past;
in vec2 at_uv;
flat in vec4 is; // colour factors, number of the object
uniform vec3 colour, second;
uniform int pattern;
uniform float scale, bump, tile, roughness, metallic, through, emission, snow, time;
uniform int textured; // 0 no, 1 in metres, 2 once
uniform int water, cut_out, deform_is_wave;
uniform float label;
uniform vec3 texture_mean;
uniform sampler2D picture;
uniform vec2 size; // pixels
uniform vec3 eye;
layout(location = 0) out vec4 out_albedo;  // rgb, roughness
layout(location = 1) out vec4 out_normal;  // xyz, kind: 0 to 1 light that passes, 2 water, 3 + metallic
layout(location = 2) out vec4 out_flow;    // forward x, y, backward x, y, pixels
layout(location = 3) out vec4 out_truth;   // depth, object, class, emission

float line(float at, float width) { float f = abs(fract(at) - 0.5); return smoothstep(0.5 - width - fwidth(at), 0.5 - width + fwidth(at), f); }

// Share of the second colour, and the height that bends the normal.
vec2 pattern_at() {
    vec3 p = at_local / scale;
    vec2 u = at_uv / scale;
    if (pattern == 1) { float n = fbm(p * 2.0, 3); return vec2(smoothstep(0.35, 0.65, n), n); }
    if (pattern == 2) { float rings = fbm(vec3(u.x * 9.0, u.y * 0.7, 1.3), 3); float n = fract(rings * 5.0); return vec2(0.7 * n, 0.2 * n); }
    if (pattern == 3) {
        vec2 b = vec2(u.x, u.y * 2.6); b.x += 0.5 * mod(floor(b.y), 2.0);
        float joint = max(line(b.x, 0.03), line(b.y, 0.07)), shade = 0.55 * hash(vec3(floor(b), 3.0));
        return vec2(max(joint, 0.5 * shade), 0.6 * (1.0 - joint) + 0.2 * fbm(vec3(u * 9.0, 0), 2));
    }
    if (pattern == 4) {
        float row = floor(u.y * 5.0), at = u.x * 0.7 + hash(vec3(row, 1, 2));
        float joint = max(line(u.y * 5.0, 0.02), line(at, 0.003));
        float grain = fbm(vec3(at * 3.0, u.y * 60.0, row), 3);
        return vec2(clamp(0.45 * grain + 0.4 * hash(vec3(row, floor(at), 5)) + joint, 0.0, 1.0), 0.3 * grain - joint);
    }
    if (pattern == 5) { float joint = max(line(u.x, 0.02), line(u.y, 0.02)); return vec2(max(joint, 0.25 * hash(vec3(floor(u + 0.5), 1))), 0.5 - 0.5 * joint); }
    if (pattern == 6) {
        vec2 cell = fract(u), in_frame = smoothstep(0.0, 0.02, 0.5 - abs(cell - 0.5) - vec2(0.24, 0.18));
        return vec2(in_frame.x * in_frame.y, -in_frame.x * in_frame.y);
    }
    if (pattern == 7) { float n = fbm(vec3(at_world.xz / scale, 1.0), 3), m = fbm(vec3(at_world.xz / scale * 13.0, 2.0), 2); return vec2(smoothstep(0.35, 0.65, 0.7 * n + 0.3 * m), m); }
    if (pattern == 8) { float n = fbm(p * 1.5, 4), crack = abs(fbm(p * 3.0 + 7.0, 2) - 0.5); return vec2(clamp(n * 1.2 - 0.3 + smoothstep(0.05, 0.0, crack) * 0.5, 0.0, 1.0), 1.6 * n - smoothstep(0.06, 0.0, crack)); }
    if (pattern == 9) { float n = fbm(vec3(u.x * 14.0, u.y * 2.5, 1), 3); return vec2(n, 1.5 * n); }
    if (pattern == 10) { float n = noise(p * 6.0); return vec2(0.6 * n + 0.2 * noise(p * 1.3), 0.3 * n); }
    if (pattern == 11) { float weave = 0.5 + 0.5 * sin(u.x * 200.0) * sin(u.y * 200.0) * smoothstep(0.5, 0.0, fwidth(u.x * 60.0)); return vec2(smoothstep(0.4, 0.6, fract(u.x + u.y * 0.0)), 0.1 * weave); }
    if (pattern == 12) { float n = fbm(vec3(p.xz * 0.6, p.y * 5.0), 3); return vec2(smoothstep(0.3, 0.7, n), 1.5 * n); }
    return vec2(0);
}

// The pattern, calmed to its mean where it is finer than the pixels.
vec2 drawn() {
    vec2 step_uv = fwidth(at_uv) / scale;
    vec3 step_p = fwidth(at_local) / scale;
    float fine = pattern == 7 ? length(fwidth(at_world.xz)) / scale : (pattern == 1 || pattern == 8 || pattern == 10 || pattern == 12 ? max(step_p.x, max(step_p.y, step_p.z)) : max(step_uv.x, step_uv.y));
    float calm = smoothstep(0.35, 1.6, fine);
    if (calm >= 1.0) return vec2(pattern == 6 ? 0.3 : 0.45, 0.4);
    return mix(pattern_at(), vec2(pattern == 6 ? 0.3 : 0.45, 0.4), calm);
}

// Mikkelsen, Bump Mapping Unparametrized Surfaces on the GPU (2010).
vec3 bumped(vec3 normal, float height, float amount) {
    vec3 dx = dFdx(at_world), dy = dFdy(at_world);
    vec3 r1 = cross(dy, normal), r2 = cross(normal, dx);
    float area = dot(dx, r1);
    vec3 gradient = sign(area) * (dFdx(height) * r1 + dFdy(height) * r2) * amount;
    return normalize(abs(area) * normal - gradient);
}

void main() {
    if (cut_out == 1) {
        vec2 c = fract(at_uv / scale) - 0.5;
        if (noise(vec3(at_uv / scale * 7.0, floor(is.w) * 0.37)) + 0.6 * dot(c, c) > 0.62) discard;
    }
    vec3 normal = normalize(at_normal);
    vec3 towards = normalize(eye - at_world);
    if (dot(normal, towards) < 0.0 && water == 0) normal = -normal;
    vec2 mixed = pattern > 0 ? drawn() : vec2(0);
    vec3 albedo = mix(colour, second, mixed.x) * is.rgb;
    if (textured > 0) {
        vec3 seen = texture(picture, textured == 2 ? vec2(at_uv.x, at_uv.y) : at_uv / tile).rgb;
        seen *= seen; // near enough to linear, as its mean is
        albedo *= seen / texture_mean;
        if (textured == 1) mixed.y += dot(seen, vec3(0.33)) / max(texture_mean.g, 0.05) * 0.5;
    }
    float far = length(eye - at_world);
    if (bump > 0.0) normal = bumped(normal, mixed.y, bump * scale * 0.06 * smoothstep(400.0 * scale, 20.0 * scale, far));
    float rough = roughness;
    if (snow > 0.0) {
        float lies = smoothstep(0.55, 0.75, -normal.y + 0.25 * (fbm(at_world * 0.9, 2) - 0.5)) * snow;
        albedo = mix(albedo, vec3(0.86, 0.89, 0.93), lies);
        rough = mix(rough, 0.6, lies);
    }
    float kind = clamp(through, 0.0, 1.0);
    if (metallic > 0.0) kind = 3.0 + metallic;
    if (water == 1) {
        kind = 2.0;
        vec2 slope = vec2(0);
        vec2 p = at_world.xz;
        float keep = smoothstep(120.0, 3.0, far);
        for (int k = 0; k < 3; ++k) {
            float f = (k == 0 ? 1.7 : (k == 1 ? 4.9 : 11.3)) / scale, a = (k == 0 ? 0.22 : (k == 1 ? 0.3 : 0.3));
            if (f * far * 0.004 > 1.0) break;
            vec3 q = vec3(p * f + vec2(0.4, 0.7) * float(k + 1) * time, time * (0.6 + 0.5 * float(k)));
            float here = noise(q), e = 0.2;
            slope += a * vec2(noise(q + vec3(e, 0, 0)) - here, noise(q + vec3(0, e, 0)) - here) / e;
        }
        normal = normalize(mix(vec3(0, -1, 0), normal, smoothstep(900.0, 60.0, far) * 0.8 + 0.2) - bump * 0.13 * keep * vec3(slope.x, 0, slope.y));
    }
    out_albedo = vec4(max(albedo, vec3(0.002)), rough);
    out_normal = vec4(normal, kind);
    vec2 now = gl_FragCoord.xy / size - 1.0; // drawn at twice the size
    vec2 forward = at_next.z > 0.0 ? (at_next.xy / at_next.z - now) * 0.5 * size : vec2(1e6);
    vec2 backward = at_past.z > 0.0 ? (at_past.xy / at_past.z - now) * 0.5 * size : vec2(1e6);
    out_flow = vec4(forward, backward);
    float glow = emission;
    if (pattern == 6) glow *= mixed.x * step(0.45, hash(vec3(floor(at_uv / scale), is.w)));
    out_truth = vec4(1.0 / gl_FragCoord.w, is.w, label, glow);
}
