package dev.evenkeel.lb.core.internal.snapshot;

import java.util.List;

/**
 * The healthy or the degraded part of a tier; in panic, all that it uses.
 *
 * @param groups by zone, if zones matter; empty only if it refuses
 * @param draw chooses among the groups
 * @param refusal why calls that are drawn for this level fail if its groups have no backend for them; empty if such
 *     calls go to other levels
 */
public record PriorityLevel(List<CandidateGroup> groups, WeightedChoice draw, String refusal) {}
