package dev.evenkeel.lb.core.config;

import java.util.List;

/** Thrown if a configuration cannot be used. No part of it was applied. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // List.copyOf makes serializable lists
    private final List<ConfigFault> faults;

    /**
     * Creates an exception.
     *
     * @param source where the configuration came from, such as a file's name
     * @param faults at least one
     */
    public ConfigException(String source, List<ConfigFault> faults) {
        super(message(source, faults));
        this.faults = List.copyOf(faults);
    }

    /**
     * The faults of the configuration.
     *
     * @return every fault, in the order of the document; at most the first 100. A text that is not JSON has one
     */
    public List<ConfigFault> faults() {
        return faults;
    }

    /**
     * The message in one line, for a log.
     *
     * @return such as {@code balancing.json has 2 faults: $.pools: is required; $.pool: unknown field}
     */
    public String summary() {
        return String.valueOf(getMessage()).replaceFirst("\n +", " ").replaceAll("\n +", "; ");
    }

    private static String message(String source, List<ConfigFault> faults) {
        StringBuilder text = new StringBuilder(source)
                .append(" has ")
                .append(faults.size() == 1 ? "a fault:" : faults.size() + " faults:");
        faults.forEach(fault -> text.append("\n  ").append(fault));
        return text.toString();
    }
}
