# Written by statbed plot; edit it and run gnuplot on it in its folder.
set terminal svg dynamic noenhanced font 'sans-serif,12' background rgb 'white' size 922,564
set encoding utf8
set output './parity-game.svg'
data = './parity-game.dat'
set logscale y 2
set ylabel 'queries'
set datafile missing '?'
set border 3 linewidth 0.8
set tics nomirror out
set mxtics 1
set mytics 1
set grid xtics ytics linewidth 0.4 linecolor '#d0d0d0' dashtype 1
set key outside below left Left reverse maxcols 1 samplen 4 font ',11'
set multiplot layout 1,2 title 'Queries asked, played and proven'."\n".'experiment parity-game, family parity, goal predict,'."\n".'other oracle.finish=worst, oracle stat' font ',11'

set xrange [9.4:20.6]
set yrange [0.7:104857.6]
set xtics ('10' 10, '11' 11, '12' 12, '13' 13, '14' 14, '15' 15, '16' 16, '17' 17, '18' 18, '19' 19, '20' 20)
set ytics 4
set format y '2^%L'
set xlabel 'dimension d'."\n"
set title 'eliminate'
plot data index 0 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 0 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype 1 title 'hypothesis-selection, asked', \
     data index 1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 1 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype 1 title 'parity-bent, asked', \
     data index 2 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 2 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'parity-correlation, asked', \
     data index 3 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 3 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 0.84 dashtype (2,3) title 'hypothesis-selection, played', \
     data index 4 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 4 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 0.6 dashtype (2,3) title 'parity-bent, played', \
     data index 5 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 5 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.48 dashtype (2,3) title 'parity-correlation, played', \
     data index 6 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#D55E00' dashtype (6,4) title 'proven: queries that the goal takes', \
     data index 7 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#009E73' dashtype (6,4) title 'proven: queries that the goal takes: parity-bent', \
     keyentry with lines linecolor '#ffffff' title 'asked: from the mean to the largest'

set xrange [9.4:20.6]
set yrange [0.7:104857.6]
set xtics ('10' 10, '11' 11, '12' 12, '13' 13, '14' 14, '15' 15, '16' 16, '17' 17, '18' 18, '19' 19, '20' 20)
set ytics 4
set format y '2^%L'
set xlabel 'dimension d'."\n"
set title 'null'
plot data index 8 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 8 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype 1 title 'hypothesis-selection, asked', \
     data index 9 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 9 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype 1 title 'parity-bent, asked', \
     data index 10 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 10 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'parity-correlation, asked', \
     data index 11 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 11 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 0.84 dashtype (2,3) title 'hypothesis-selection, played', \
     data index 12 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 12 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 0.6 dashtype (2,3) title 'parity-bent, played', \
     data index 13 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 13 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.48 dashtype (2,3) title 'parity-correlation, played', \
     data index 14 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#D55E00' dashtype (6,4) title 'proven: queries that the goal takes', \
     data index 15 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#009E73' dashtype (6,4) title 'proven: queries that the goal takes: parity-bent', \
     keyentry with lines linecolor '#ffffff' title 'asked: from the mean to the largest'

unset multiplot
unset output
