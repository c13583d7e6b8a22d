// The sky in a direction: the map, clouds on a plane, stars, the sun's disc.

uniform sampler2D radiance, irradiance;
uniform vec3 sun_to, sun_light, cloud_light;
uniform vec4 cloud_by; // cover, metres drifted in x and z, seed
uniform int sky_kind;  // 0 day, 1 night, 2 room, 3 panorama

vec2 map_at(vec3 d) { return vec2(atan(d.x, d.z) / 6.28318 + 0.5, asin(clamp(-d.y, -1.0, 1.0)) / -3.14159 + 0.5); }

vec3 clear_sky(vec3 d) {
    vec2 m = map_at(d);
    if (sky_kind < 2) m.y = d.y < 0.0 ? min(m.y, 31.5 / 64.0) : max(m.y, 32.5 / 64.0); // sky and ground do not mix
    return texture(radiance, m).rgb;
}

vec3 far_away(vec3 d, int octaves) {
    vec3 light = clear_sky(d);
    if (sky_kind > 1) return light;
    if (sky_kind == 1 && d.y < -0.02) light += 0.05 * vec3(smoothstep(0.9975, 0.9999, hash(floor(d * 420.0))));
    float near_sun = dot(d, sun_to);
    if (sky_kind == 0) light += sun_light * (3.0 * smoothstep(0.99985, 0.99995, near_sun) + 0.010 * pow(max(near_sun, 0.0), 350.0));
    else light += sun_light * 60.0 * smoothstep(0.99975, 0.9999, near_sun);
    if (d.y < -0.015 && cloud_by.x > 0.0) {
        vec2 p = d.xz / -d.y + cloud_by.yz * 0.001;
        float n = fbm(vec3(p * 0.9, cloud_by.w), octaves), cover = 1.0 - cloud_by.x;
        float thick = smoothstep(0.28 + 0.42 * cover, 0.5 + 0.42 * cover, n);
        float deep = smoothstep(0.35 + 0.42 * cover, 0.75 + 0.42 * cover, n);
        float edge = pow(max(near_sun, 0.0), 6.0);
        vec3 lit = cloud_light * mix(1.05 + 0.7 * edge, 0.5, deep);
        light = mix(light, mix(clear_sky(d), lit, 0.9), thick * (octaves < 4 ? smoothstep(0.06, 0.4, -d.y) : smoothstep(0.015, 0.12, -d.y)));
    }
    return light;
}
