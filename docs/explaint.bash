# bash completion for explaint; made by 'explaint --completion' from the option tables.
_explaint() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local options= words= values= files=
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "--help --version infer attend relate embed model norms report compare adjust runs version" -- "$word"))
        return
    fi
    case ${COMP_WORDS[1]} in
        infer)
            options="--help --version --norms --embeddings --words --tensor --model --layers --template --pieces --categories --covariates --na --values --pair-value --concepts --features --columns --drop-columns --sheet --mapping --components --pls --alpha --k --preset --hidden --dropout --learning-rate --batch --epochs --folds --group-identical --seed --conditions --metrics --by-fold --permutations --refits --within --bootstrap --interval --adjust --margin --claim --output --json --csv --decimal --open --predictions --quiet --fail-on --ledger --resume --threads --dry-run --force"
            words=""
            case $before in
                --norms) files=1 ;;
                --embeddings) files=1 ;;
                --words) files=1 ;;
                --tensor) return ;;
                --model) files=1 ;;
                --layers) return ;;
                --template) return ;;
                --pieces) values="mean first last next" ;;
                --categories) files=1 ;;
                --covariates) files=1 ;;
                --na) values="zero drop-features mask" ;;
                --values) values="freq binary" ;;
                --pair-value) values="last sum max" ;;
                --concepts) files=1 ;;
                --features) files=1 ;;
                --columns) return ;;
                --drop-columns) return ;;
                --sheet) return ;;
                --mapping) values="plsr knn ridge labelprop ffnn" ;;
                --components) return ;;
                --pls) values="exact sklearn" ;;
                --alpha) return ;;
                --k) return ;;
                --preset) values="default chronis2023" ;;
                --hidden) return ;;
                --dropout) return ;;
                --learning-rate) return ;;
                --batch) return ;;
                --epochs) return ;;
                --folds) files=1 ;;
                --seed) return ;;
                --conditions) values="all system mean upper shuffle shuffle-rows shuffle-upper random word-form taxonomic-shuffle taxonomic-drop taxonomic-swap category-mean category-folds random-embedding" ;;
                --metrics) values="all f1_at_10 spearman na_at_10_retrieval na_at_10_gold na_at_10_input precision_at_r map r2 mse cosine description_length" ;;
                --permutations) return ;;
                --refits) return ;;
                --within) values="default all category cluster" ;;
                --bootstrap) return ;;
                --interval) values="concepts categories" ;;
                --adjust) values="max-t bh none" ;;
                --margin) return ;;
                --claim) values="all information mapping" ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
                --predictions) files=1 ;;
                --fail-on) values="supported undecided not supported not-supported" ;;
                --ledger) files=1 ;;
                --threads) return ;;
            esac ;;
        attend)
            options="--help --version --model --texts --text --truncate --layers --measures --columns --level --special --head --relate --damage --g --attribution --fit-texts --ranks --share --seed --by-head --by-text --output --json --csv --decimal --open --force --maps --picture --layer --quiet --ledger --resume --threads --cache --dry-run"
            words=""
            case $before in
                --model) files=1 ;;
                --texts) files=1 ;;
                --text) return ;;
                --truncate) return ;;
                --layers) return ;;
                --measures) return ;;
                --columns) return ;;
                --level) values="piece word" ;;
                --special) values="in out" ;;
                --head) return ;;
                --relate) files=1 ;;
                --damage) values="all permute permute-content reverse next-rows next-content-rows gaussian shuffle-dimensions random-init" ;;
                --g) values="identity linear mlp" ;;
                --attribution) return ;;
                --fit-texts) files=1 ;;
                --ranks) return ;;
                --share) return ;;
                --seed) return ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
                --maps) files=1 ;;
                --picture) files=1 ;;
                --layer) return ;;
                --ledger) files=1 ;;
                --threads) return ;;
                --cache) files=1 ;;
            esac ;;
        relate)
            options="--help --version --model --pairs --norms --wordnet --most-pairs --templates --heads --folds --permutations --refits --seed --output --json --csv --decimal --open --force --features --quiet --ledger --resume --threads"
            words=""
            case $before in
                --model) files=1 ;;
                --pairs) files=1 ;;
                --norms) files=1 ;;
                --wordnet) files=1 ;;
                --most-pairs) return ;;
                --templates) files=1 ;;
                --heads) return ;;
                --folds) return ;;
                --permutations) return ;;
                --refits) return ;;
                --seed) return ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
                --features) files=1 ;;
                --ledger) files=1 ;;
                --threads) return ;;
            esac ;;
        embed)
            options="--help --version --model --words --norms --columns --drop-columns --sheet --texts --text --template --contexts --max-contexts --prototypes --special-tokens --seed --layers --pieces --pooling --prompt --standardise --remove-top --fit-words --truncate --output --words-output --json --quiet --ledger --resume --threads"
            words=""
            case $before in
                --model) files=1 ;;
                --words) files=1 ;;
                --norms) files=1 ;;
                --columns) return ;;
                --drop-columns) return ;;
                --sheet) return ;;
                --texts) files=1 ;;
                --text) return ;;
                --template) return ;;
                --contexts) files=1 ;;
                --max-contexts) return ;;
                --prototypes) return ;;
                --special-tokens) values="seen pooled none" ;;
                --seed) return ;;
                --layers) return ;;
                --pieces) values="mean first last next" ;;
                --pooling) values="folder mean cls max" ;;
                --prompt) return ;;
                --remove-top) return ;;
                --fit-words) files=1 ;;
                --output) files=1 ;;
                --words-output) files=1 ;;
                --ledger) files=1 ;;
                --threads) return ;;
            esac ;;
        model)
            options="--help --version --model --texts --text --output --truncate --max-tokens --logits --reference --allow-unchecked --json --quiet --threads"
            words="inspect check dump score generate"
            case $before in
                --model) files=1 ;;
                --texts) files=1 ;;
                --text) return ;;
                --output) files=1 ;;
                --max-tokens) return ;;
                --reference) files=1 ;;
                --threads) return ;;
            esac ;;
        norms)
            options="--help --version --output --norms --vocabulary --na --values --pair-value --concepts --features --columns --drop-columns --sheet --json --claim --metrics --categories --folds --seed --csv --decimal --quiet --threads"
            words="list describe convert wordnet baseline"
            case $before in
                --output) files=1 ;;
                --norms) files=1 ;;
                --vocabulary) files=1 ;;
                --na) values="zero drop-features mask" ;;
                --values) values="freq binary" ;;
                --pair-value) values="last sum max" ;;
                --concepts) files=1 ;;
                --features) files=1 ;;
                --columns) return ;;
                --drop-columns) return ;;
                --sheet) return ;;
                --claim) return ;;
                --metrics) values="all f1_at_10 spearman na_at_10_retrieval na_at_10_gold na_at_10_input precision_at_r map r2 mse cosine" ;;
                --categories) files=1 ;;
                --folds) files=1 ;;
                --seed) return ;;
                --decimal) values=". ," ;;
                --threads) return ;;
            esac ;;
        report)
            options="--help --version --markdown --latex --all --run --components --ledger --output --figures --force --open"
            words=""
            case $before in
                --run) return ;;
                --components) return ;;
                --ledger) files=1 ;;
                --output) files=1 ;;
                --figures) files=1 ;;
            esac ;;
        compare)
            options="--help --version --ledger --flips --bootstrap --seed --metric --output --json --csv --decimal --open --force --quiet --fail-on"
            words=""
            case $before in
                --ledger) files=1 ;;
                --flips) return ;;
                --bootstrap) return ;;
                --seed) return ;;
                --metric) values="all f1_at_10 spearman na_at_10_retrieval na_at_10_gold na_at_10_input precision_at_r map r2 mse cosine description_length" ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
                --fail-on) return ;;
            esac ;;
        adjust)
            options="--help --version --ledger --method --output --json --csv --decimal --quiet"
            words=""
            case $before in
                --ledger) files=1 ;;
                --method) values="max-t bh" ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
            esac ;;
        runs)
            options="--help --version --ledger --output --json --csv --decimal --tests --nulls --concepts --neighbours"
            words="list show export"
            case $before in
                --ledger) files=1 ;;
                --output) files=1 ;;
                --decimal) values=". ," ;;
            esac ;;
        version)
            options="--help --version --json"
            words=""
            case $before in
            esac ;;
    esac
    if [ -n "$values" ]; then
        COMPREPLY=($(compgen -W "$values" -- "$word"))
    elif [ -n "$files" ]; then
        COMPREPLY=($(compgen -f -- "$word"))
    elif [ "${word:0:1}" = - ]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
    fi
}
complete -o filenames -F _explaint explaint
