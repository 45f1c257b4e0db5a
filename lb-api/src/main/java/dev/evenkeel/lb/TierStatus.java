package dev.evenkeel.lb;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One failover tier at one moment: how it is, and what it gets.
 *
 * @param priority which tier
 * @param backends how many belong to it, those that are leaving excepted
 * @param healthyPercent how much of what no operator has taken out is healthy or degraded, 0 to 100
 * @param loadPercent its share of the traffic, 0 to 100
 * @param degradedLoadPercent the part of {@code loadPercent} that goes to its degraded backends
 * @param panic whether it is in panic
 * @param zonePercents the shares of its zones in the traffic of its healthy backends; empty if zones do not matter now
 */
public record TierStatus(
        int priority,
        int backends,
        int healthyPercent,
        int loadPercent,
        int degradedLoadPercent,
        boolean panic,
        Map<String, Double> zonePercents) {

    public TierStatus {
        zonePercents = Collections.unmodifiableMap(new TreeMap<>(zonePercents));
    }
}
