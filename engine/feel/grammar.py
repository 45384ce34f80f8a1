"""FEEL of DMN 1.5 as an LALR grammar over the tokens of ``engine.feel.tokens``.

A shift wins over a reduction, so that what follows ``else``, ``return``, ``satisfies`` or a parameter list reaches as
far as it can.
"""

GRAMMAR = r"""
start_expression: expression
start_tests: MINUS                                  -> anything
    | test_list
    | NOT_TESTS LPAR test_list RPAR                 -> none_of
start_type: type

test_list: test (COMMA test)*
?test: expression | bound
bound: (LT | LE | GT | GE | EQ | NE) additive

?expression: disjunction
?disjunction: conjunction
    | conjunction (OR conjunction)+                 -> logic
?conjunction: comparison
    | comparison (AND comparison)+                  -> logic
?comparison: additive
    | comparison (LT | LE | GT | GE | EQ | NE) additive
    | comparison BETWEEN additive AND additive      -> between
    | comparison IN additive                        -> in_one
    | comparison IN bound                           -> in_one
    | comparison IN LPAR test (COMMA test)+ RPAR    -> in_many
?additive: term
    | term ((PLUS | MINUS) term)+                   -> arithmetic
?term: power
    | power ((STAR | SLASH) power)+                 -> arithmetic
?power: unary
    | unary (POWER unary)+                          -> arithmetic
?unary: instance
    | MINUS unary                                   -> negate
?instance: postfix
    | instance INSTANCE_OF type                     -> instance_of

?postfix: primary
    | postfix DOT NAME                              -> path
    | postfix LSQB expression RSQB                  -> filter
    | postfix LPAR RPAR                             -> call_empty
    | postfix LPAR expression (COMMA expression)* RPAR  -> call
    | postfix LPAR named (COMMA named)* RPAR        -> call_named
named: NAME COLON expression

?primary: NUMBER                                    -> number
    | STRING                                        -> string
    | AT STRING                                     -> at_literal
    | TRUE                                          -> true
    | FALSE                                         -> false
    | NULL                                          -> null
    | NAME                                          -> name
    | LPAR expression RPAR                          -> bracketed
    | LPAR bound RPAR                               -> bracketed
    | (LPAR | LSQB | OPEN_RANGE) expression DOTS expression (RPAR | RSQB | CLOSE_RANGE)  -> range
    | LSQB RSQB                                     -> list
    | LSQB expression (COMMA expression)* RSQB      -> list
    | LBRACE RBRACE                                 -> context
    | LBRACE entry (COMMA entry)* RBRACE            -> context
    | IF expression THEN expression ELSE expression -> choice
    | FOR iterator (COMMA iterator)* RETURN expression  -> loop
    | (SOME | EVERY) iterator (COMMA iterator)* SATISFIES expression  -> quantified
    | FUNCTION LPAR RPAR [EXTERNAL] expression      -> function
    | FUNCTION LPAR parameter (COMMA parameter)* RPAR [EXTERNAL] expression  -> function

entry: (NAME | STRING) COLON expression
iterator: NAME IN expression [DOTS expression]
parameter: NAME [COLON type]

type: type_name
    | NAME LT type GT                               -> type_of
    | NAME LT GT                                    -> type_of
    | NAME LT type_entry (COMMA type_entry)* GT     -> context_type
    | FUNCTION LT GT [ARROW type]                   -> function_type
    | FUNCTION LT type (COMMA type)* GT [ARROW type]  -> function_type
type_entry: NAME COLON type
type_name: (NAME | NULL | FUNCTION) (DOT NAME)*

%declare NUMBER STRING NAME AT TRUE FALSE NULL IF THEN ELSE FOR IN RETURN SOME EVERY SATISFIES FUNCTION EXTERNAL
%declare AND OR BETWEEN INSTANCE_OF NOT_TESTS LPAR RPAR LSQB RSQB LBRACE RBRACE OPEN_RANGE CLOSE_RANGE
%declare COMMA COLON DOT DOTS ARROW PLUS MINUS STAR SLASH POWER LT LE GT GE EQ NE
"""
