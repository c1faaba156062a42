package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A line of a file of prompts that is neither blank nor a comment. */
sealed interface PromptLine {
    /** From 1, as editors count. */
    int number();

    /** @param request the fields that the line gives */
    record Wish(int number, ObjectNode request) implements PromptLine {}

    /** @param reason why it is no job */
    record Unreadable(int number, String reason) implements PromptLine {}
}
