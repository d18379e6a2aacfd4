package io.rowbell.language;

/**
 * Something that is told in the log and changes nothing else: a message to Rowbell that cannot be
 * used.
 *
 * @param code the catalogue's code
 * @param text what is wrong with it, in one sentence
 * @param xid the transaction; 0 for none
 */
public record Notice(String code, String text, long xid) {}
