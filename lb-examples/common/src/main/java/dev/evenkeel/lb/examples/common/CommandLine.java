package dev.evenkeel.lb.examples.common;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A command line of options, some with a value; each at most once. */
public final class CommandLine {

    /** It cannot be understood. */
    public static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    private final Set<String> flags = new HashSet<>();
    private final Map<String, String> values = new HashMap<>();

    private CommandLine() {}

    /**
     * Reads a command line.
     *
     * @param flags options that stand alone
     * @param valued options with a value
     * @param args the command line
     * @return what it says
     * @throws UsageException if there is anything else in it
     */
    public static CommandLine parse(Set<String> flags, Set<String> valued, String... args) throws UsageException {
        CommandLine line = new CommandLine();
        Iterator<String> rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            boolean isNew;
            if (flags.contains(option)) {
                isNew = line.flags.add(option);
            } else if (!valued.contains(option)) {
                throw new UsageException("unknown option \"" + option + "\"");
            } else if (!rest.hasNext()) {
                throw new UsageException(option + " needs a value");
            } else {
                isNew = line.values.put(option, rest.next()) == null;
            }
            if (!isNew) {
                throw new UsageException("option \"" + option + "\" is given twice");
            }
        }
        return line;
    }

    /**
     * Whether an option is there.
     *
     * @param option which
     * @return true if it is
     */
    public boolean has(String option) {
        return flags.contains(option) || values.containsKey(option);
    }

    /**
     * The value of an option.
     *
     * @param option which
     * @param otherwise what holds without it
     * @return the value
     */
    public String text(String option, String otherwise) {
        return values.getOrDefault(option, otherwise);
    }

    /**
     * The value of an option that is a number.
     *
     * @param option which
     * @param least it may be
     * @param most it may be
     * @param otherwise what holds without it
     * @return the number
     * @throws UsageException if it is none of these
     */
    public int number(String option, int least, int most, int otherwise) throws UsageException {
        String value = values.get(option);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new UsageException(option + " must be " + least + ".." + most + ": \"" + value + "\"");
    }
}
